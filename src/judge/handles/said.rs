//! What a single value of a project's entry makes it known by: for whoever looks a directory over.

use super::{Claims, host_of, is_common_name, without_prefix};
use crate::judge::fold::fold_name;

/// One value of a project's entry, as it is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'v> {
    /// Its name, id or an alias.
    Name(&'v str),
    Package(&'v str),
    Import(&'v str),
    Repository(&'v str),
    Domain(&'v str),
    Homepage(&'v str),
}

/// The folded texts by which this value alone makes its project known, where names of the foundation share `prefix`.
///
/// A text that two projects are known by names neither of them. Namespaces of packages are left out, for sister
/// projects share them rightly.
pub fn texts_of(value: Value<'_>, prefix: Option<&str>) -> Vec<String> {
    let mut claims = Claims::default();
    match value {
        Value::Name(name) => claims.name(name, prefix),
        Value::Package(purl) => claims.package(purl, prefix),
        Value::Import(import) => claims.import(import),
        Value::Repository(repository) => claims.repository(repository),
        Value::Domain(domain) => claims.domain(domain),
        Value::Homepage(homepage) => host_of(homepage).iter().for_each(|host| claims.domain(host)),
    }
    let is_package = matches!(value, Value::Package(_));
    let is_own = |handle: &super::Handle| handle.is_said && (!is_package || handle.is_named() || handle.is_coordinate);
    let own = claims.by_text.into_iter().filter(|(_, handles)| handles.iter().any(is_own));
    let mut texts: Vec<String> = own.map(|(text, _)| text).collect();
    texts.sort_unstable();
    texts
}

/// `name` folded and without the prefix that most names of the foundation share, as reporters say it.
pub fn bare_name(name: &str, prefix: Option<&str>) -> String {
    let folded = fold_name(name);
    match prefix.and_then(|prefix| without_prefix(&folded, prefix)) {
        Some(bare) => bare.to_owned(),
        None => folded,
    }
}

/// Whether each word of `name`, without the prefix, is met in any text: such a name needs support to count.
pub fn is_everyday(name: &str, prefix: Option<&str>) -> bool {
    is_common_name(&bare_name(name, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_known_by_its_own_texts() {
        for (value, texts) in [
            (Value::Name("Zephyria Quern"), vec!["quern", "zephyria quern"]),
            (Value::Package("pkg:npm/%40mill/quern"), vec!["@mill/quern", "quern"]),
            (Value::Package("pkg:maven/org.zephyria/quern"), vec!["org.zephyria:quern", "quern"]),
            (Value::Import("org.quern"), vec!["org.quern", "org/quern"]),
            (Value::Repository("https://git.example/mill/quern.git"), vec!["mill/quern"]),
            (Value::Domain("www.quern.example"), vec!["quern.example"]),
            (Value::Homepage("https://quern.example/"), vec!["quern.example"]),
            (Value::Homepage("https://host.example/quern"), vec![]),
            (Value::Domain("github.com"), vec![]),
        ] {
            assert_eq!(texts_of(value, Some("zephyria")), texts, "{value:?}");
        }
    }

    #[test]
    fn a_name_is_everyday_when_all_its_words_are_but_for_the_prefix() {
        assert!(is_everyday("Zephyria Beam", Some("zephyria")));
        assert!(!is_everyday("Zephyria Beam", None));
        assert!(!is_everyday("Quern", None));
    }
}
