//! No statement escapes: each public method of the store is called by a story.

use std::collections::BTreeSet;
use std::path::Path;

fn text_of_all(folder: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// `Tx::link` and `Store::link` are two methods.
fn methods_of(store: &str) -> BTreeSet<(&str, &str)> {
    let mut owner = "";
    let mut methods = BTreeSet::new();
    for line in store.lines() {
        if let Some(rest) = line.strip_prefix("impl ") {
            owner = rest.split(['<', ' ']).next().unwrap();
        }
        if let Some(rest) = line.trim_start().strip_prefix("pub async fn ") {
            methods.insert((owner, rest.split(['(', '<']).next().unwrap()));
        }
    }
    methods
}

#[test]
fn every_public_method_of_the_store_is_called_in_these_tests() {
    let (store, stories) = (text_of_all("src/store"), text_of_all("tests/store"));
    let methods = methods_of(&store);
    assert!(methods.len() > 60, "{} methods were found: does this test still read the code?", methods.len());
    let is_called = |(owner, method): &(&str, &str)| match *owner {
        "Store" if *method == "open" => stories.contains("Store::open("),
        "Store" => ["store", "node", "first", "second", "guest", "again"]
            .iter()
            .any(|name| stories.contains(&format!("{name}.{method}("))),
        "Snapshot" => stories.contains(&format!("snapshot.{method}(")),
        "Tx" => stories.contains(&format!("tx.{method}(")),
        other => panic!("a public async method of {other}: name it here"),
    };
    let missing: Vec<_> = methods.into_iter().filter(|method| !is_called(method)).collect();
    assert!(missing.is_empty(), "no story calls {missing:?}");
}
