//! Pages that lead back to where somebody came from: to a path of ours, never to another site (THREATS.md row 65).

use axum::http::Uri;

/// Letters of a path that is kept over a sign-in; ours are far shorter.
const PATH_MAX: usize = 500;

/// Whether it is a path of ours: one slash in front, and nothing that a browser reads as another.
pub fn is_own_path(text: &str) -> bool {
    let is_plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    text.starts_with('/') && !text.starts_with("//") && is_plain && text.len() <= PATH_MAX
}

/// The page that was asked for, with its query.
pub fn page_of(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |page| page.as_str())
}

/// `page`, with a page to go to afterwards.
pub fn with_back(page: &str, back: &str) -> String {
    if !is_own_path(back) {
        return page.to_owned();
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("back", back);
    format!("{page}?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_ours_is_led_back_to() {
        for own in ["/", "/cases/SEC-2026-0001", "/cases.csv?state=new&text=%2F%2Fx"] {
            assert!(is_own_path(own), "{own}");
        }
        let long = format!("/{}", "x".repeat(PATH_MAX));
        for other in
            ["", "cases", "//evil.example", "/\\evil.example", "/a\r\nb", "https://evil.example", "/a b", &long]
        {
            assert!(!is_own_path(other), "{other:?}");
            assert_eq!(with_back("/login", other), "/login");
        }
        assert_eq!(with_back("/login", "/cases?a=b&c"), "/login?back=%2Fcases%3Fa%3Db%26c");
    }
}
