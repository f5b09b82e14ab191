//! The modules that come with a language's runtime: people who report a flaw in one name the module, not the runtime.
//!
//! Every program for the runtime uses them, so they make a suggestion and never a sure candidate.

use crate::domain::directory::Project;

/// A runtime's package, and the modules that it brings.
const RUNTIMES: &[(&str, &str)] = &[
    (
        "pkg:npm/node",
        "async_hooks buffer child_process cluster crypto dgram diagnostics_channel dns fs http http2 https inspector net os
         path perf_hooks process punycode querystring readline repl tls tty url util v8 vm wasi worker_threads zlib",
    ),
    (
        "pkg:generic/cpython",
        "argparse asyncio base64 bz2 codecs collections configparser csv ctypes datetime decimal difflib email ftplib
         functools glob gzip hashlib hmac http imaplib importlib io ipaddress itertools json logging lzma mailbox marshal
         mimetypes multiprocessing os pathlib pickle plistlib poplib pty random re shelve shutil smtplib socket sqlite3 ssl
         struct subprocess sys tarfile tempfile threading unicodedata urllib uuid venv wave xml zipfile zlib",
    ),
];

/// The modules that a project's packages bring.
pub fn modules(project: &Project) -> impl Iterator<Item = &'static str> {
    let brings = |(package, _): &&(&str, &str)| project.packages.iter().any(|own| own == package);
    RUNTIMES.iter().filter(brings).flat_map(|(_, modules)| modules.split_ascii_whitespace())
}
