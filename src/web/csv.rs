//! Lines of files for spreadsheets (RFC 4180): each cell quoted, lines ended by CRLF, and no cell a formula.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// One line with its end.
pub fn row<T: AsRef<str>>(cells: &[T]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text.as_ref())).collect();
    cells.join(",") + "\r\n"
}

/// A cell that no spreadsheet runs: what begins like a formula gets a quote in front.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// The lines as a file of that name.
pub fn file(name: &str, lines: String) -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        ],
        lines,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_out_of_its_quotes() {
        assert_eq!(cell("=HYPERLINK(\"http://x\")"), "\"'=HYPERLINK(\"\"http://x\"\")\"");
        assert_eq!(row(&["plain, with \"quotes\"", "-1"]), "\"plain, with \"\"quotes\"\"\",\"'-1\"\r\n");
    }
}
