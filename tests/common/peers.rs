//! Second opinions about pages, which `.ci/run` installs from the npm registry and nobody else needs.

use std::io::Write;
use std::path::{Path, PathBuf};

/// A file of a peer's, under `target/peers` or where `FINGERPOST_PEERS` says; `None` where it is not installed, which
/// is said loudly.
///
/// # Panics
/// If it is missing and `FINGERPOST_REQUIRE` names `peer`.
pub fn file(peer: &str, inside: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("FINGERPOST_PEERS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/node_modules"), PathBuf::from);
    let found = folder.join(inside);
    if found.is_file() {
        return Some(found);
    }
    let required = std::env::var("FINGERPOST_REQUIRE").unwrap_or_default();
    assert!(!required.contains(peer), "{peer} is required, and {} is not there; see .ci/run", found.display());
    // Not by `eprintln!`, which the harness keeps to itself when a test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {peer} is not installed; .ci/run shows how");
    None
}
