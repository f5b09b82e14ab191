//! SECURITY.md: free text, of which addresses, links that lead to a channel, and a part about what is out of scope are
//! taken.

use super::{Found, Kind, brief, links};

/// Headings of a part that says what is no vulnerability.
const SCOPE: [&str; 5] =
    ["out of scope", "out-of-scope", "not a vulnerability", "not considered", "not security issues"];

/// Reads the text.
pub fn read(text: &str) -> Found {
    let mut found = Found::of(Kind::Markdown);
    let (addresses, links) = links::in_text(text);
    for address in addresses {
        found.contact(None, address);
    }
    // Most links of such a file lead elsewhere: to lists, releases, the authors of a tool.
    for link in links.iter().filter(|link| links::channel(link).is_some()) {
        found.report_at(link);
    }
    found.out_of_scope = scope(text).as_deref().and_then(brief);
    found
}

/// What stands below the heading, up to the next.
fn scope(text: &str) -> Option<String> {
    let mut lines = text.lines();
    lines.find(|line| is_heading(line) && SCOPE.iter().any(|words| line.to_lowercase().contains(words)))?;
    let mut part: Vec<&str> = Vec::new();
    for line in lines.take_while(|line| !is_heading(line)) {
        part.push(line.trim_end());
    }
    Some(part.join("\n"))
}

fn is_heading(line: &str) -> bool {
    line.starts_with('#')
}
