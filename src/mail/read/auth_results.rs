//! `Authentication-Results` of our own front MTA (RFC 8601).

use crate::mail::read::fields::Fields;

/// One `method=result property=value …` of the field, all in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    pub method: String,
    pub result: String,
    properties: Vec<(String, String)>,
}

impl Method {
    /// Whether this is `method=pass`.
    pub fn is_pass(&self, method: &str) -> bool {
        self.method == method && self.result == "pass"
    }

    /// The first of these properties that is there.
    pub fn property(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| self.properties.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()))
    }
}

/// The results in the topmost field that carries `authserv_id`: an MTA writes above what came to it, and is to
/// remove fields of others that use its name (RFC 8601 section 5). `None` if there is none.
pub fn topmost(top: Fields<'_>, authserv_id: &str) -> Option<Vec<Method>> {
    if authserv_id.is_empty() {
        return None;
    }
    top.all("Authentication-Results").find_map(|field| {
        let value = without_comments(&field.unfolded()).to_ascii_lowercase();
        let (head, results) = value.split_once(';')?;
        // The name may be followed by a version number.
        let name = head.split_ascii_whitespace().next()?.trim_matches('"');
        name.eq_ignore_ascii_case(authserv_id).then(|| results.split(';').filter_map(method).collect())
    })
}

fn method(text: &str) -> Option<Method> {
    let mut pairs = text.split_ascii_whitespace().filter_map(|pair| pair.split_once('='));
    let (method, result) = pairs.next()?;
    let properties = pairs.map(|(key, value)| (key.to_owned(), value.trim_matches('"').to_owned())).collect();
    // `dkim/1=pass`: a method may carry its version.
    let method = method.split('/').next().unwrap_or(method).to_owned();
    Some(Method { method, result: result.to_owned(), properties })
}

/// Comments may hold anything, also what looks like a result; quoted texts are kept.
fn without_comments(value: &str) -> String {
    let mut kept = String::new();
    let (mut depth, mut is_quoted) = (0_usize, false);
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if depth > 0 || is_quoted => drop(chars.next()),
            '"' if depth == 0 => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if depth > 0 => depth -= 1,
            // A quoted text is one value, whatever stands in it.
            ';' | ' ' | '\t' | '=' if is_quoted => kept.push('_'),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(block: &str) -> Option<Vec<Method>> {
        topmost(Fields::of(block.as_bytes()), "mx.example.org")
    }

    #[test]
    fn only_the_topmost_field_with_our_name_counts() {
        let block = "Authentication-Results: other.example; spf=pass smtp.mailfrom=x@evil.example\r\n\
                     Authentication-Results: MX.example.org 1;\r\n spf=fail (spf=pass; dkim=pass) smtp.mailfrom=a@b.example;\r\n\
                     \tdkim/1=pass header.d=\"b.example\" header.s=k\r\n\
                     Authentication-Results: mx.example.org; dmarc=pass header.from=evil.example\r\n";
        let results = read(block).unwrap();
        assert_eq!(results.len(), 2);
        assert!(!results[0].is_pass("spf") && results[1].is_pass("dkim"));
        assert_eq!(results[1].property(&["header.d"]), Some("b.example"));
    }

    #[test]
    fn nothing_hides_in_quotes_and_nobody_is_believed_without_a_name() {
        let results =
            read("Authentication-Results: mx.example.org; x=\"; spf=pass smtp.mailfrom=b.example\"\n").unwrap();
        assert!(!results.iter().any(|result| result.is_pass("spf")), "{results:?}");
        assert_eq!(read("Authentication-Results: mx.example.org.evil.example; spf=pass\n"), None);
        let anybody = "Authentication-Results: ; spf=pass\n";
        assert_eq!(topmost(Fields::of(anybody.as_bytes()), ""), None);
        assert_eq!(read("Authentication-Results: mx.example.org; none\n"), Some(vec![]));
    }
}
