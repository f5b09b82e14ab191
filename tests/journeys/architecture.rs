//! The walls of the house: reads `src/` and names file, line and word where one is crossed.

use std::fs;
use std::path::{Path, PathBuf};

/// In these folders these words must not stand (CONVENTIONS.md, "Never").
const WALLS: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "sqlx",
            "axum",
            "maud",
            "lettre",
            "mail_parser",
            "tokio",
            "std::fs",
            "std::env",
            "async fn",
            "crate::world",
            "crate::judge",
            "crate::store",
            "crate::mail",
            "crate::flows",
            "crate::web",
            "crate::config",
            "crate::cli",
        ],
    ),
    (
        "judge",
        &[
            "sqlx",
            "axum",
            "maud",
            "lettre",
            "mail_parser",
            "tokio",
            "std::fs",
            "std::env",
            "async fn",
            "crate::world",
            "crate::store",
            "crate::mail",
            "crate::flows",
            "crate::web",
            "crate::config",
            "crate::cli",
        ],
    ),
    ("world", &["sqlx", "axum", "crate::store", "crate::mail", "crate::flows", "crate::web", "crate::config"]),
    (
        "store",
        &["crate::mail", "crate::judge", "crate::flows", "crate::web", "crate::config", "crate::app", "axum", "lettre"],
    ),
    (
        "mail",
        &["crate::store", "crate::flows", "crate::judge", "crate::web", "crate::config", "crate::app", "sqlx", "axum"],
    ),
    ("mail/read", &["std::fs", "tokio::fs", "tokio::net"]),
    ("mail/write/letters", &["std::fs", "tokio", "async fn"]),
    ("flows", &["axum", "maud", "sqlx", "lettre", "crate::web", "crate::config", "crate::app"]),
    ("web", &["sqlx", "lettre", "mail_parser", "crate::config", "crate::app", "crate::cli"]),
    // What was learned is the committee's: the public pages and the form's hints are given the public judge.
    ("web/public", &["judge::known", "flows::knowledge", "PrivateJudge"]),
    ("flows/form", &["judge::known", "knowledge", "private_judge"]),
];

/// Words that may stand in these files alone.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("Transport::send", &["flows/post.rs"]),
    (".transport.send(", &["flows/post.rs"]),
    ("Timestamp::now(", &["world/"]),
    ("SystemTime::now(", &["world/"]),
    ("PreEscaped(", &["web/"]),
    ("AssertSqlSafe", &[]),
    ("#[allow", &[]),
    ("todo!(", &[]),
    ("unimplemented!(", &[]),
];

pub fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The lines of code with their numbers: without comments, and without the tests at the end of a file.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let is_test_file =
        path.file_stem().is_some_and(|stem| ["tests", "scripted", "samples"].iter().any(|name| stem == *name))
            || path.components().any(|part| part.as_os_str() == "tests");
    let before_tests =
        text.lines().take_while(|line| !is_test_file && *line != "#[cfg(test)]" && *line != "mod tests {");
    before_tests
        .enumerate()
        .map(|(number, line)| (number + 1, line.split("//").next().unwrap_or_default().to_owned()))
        .collect()
}

fn crossings() -> Vec<String> {
    let root = src();
    let mut crossed = Vec::new();
    for (room, words) in WALLS {
        let folder = root.join(room);
        assert!(folder.is_dir(), "no room src/{room}");
        for path in sources(&folder) {
            for (number, line) in code(&path) {
                for word in words.iter().filter(|word| line.contains(**word)) {
                    crossed.push(format!("{}:{number}: {word}", path.strip_prefix(&root).unwrap().display()));
                }
            }
        }
    }
    crossed
}

fn strays() -> Vec<String> {
    let root = src();
    let mut found = Vec::new();
    for path in sources(&root) {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        for (number, line) in code(&path) {
            for (word, homes) in ONLY_IN {
                if line.contains(word) && !homes.iter().any(|home| name.starts_with(home)) {
                    found.push(format!("{name}:{number}: {word}"));
                }
            }
        }
    }
    found
}

#[test]
fn no_floor_reaches_upward_and_no_room_does_anothers_work() {
    let crossed = crossings();
    assert!(crossed.is_empty(), "walls crossed:\n{}", crossed.join("\n"));
}

#[test]
fn what_has_one_home_stands_nowhere_else() {
    let found = strays();
    assert!(found.is_empty(), "away from home:\n{}", found.join("\n"));
}

#[test]
fn every_file_opens_with_one_line_of_purpose() {
    for path in sources(&src()) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} has no line of purpose", path.display());
    }
}
