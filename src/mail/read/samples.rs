//! The sample mails of `tests/mails` become the facts beside them, and nothing done to their bytes makes reading panic.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{attachment, read};
use crate::domain::address::{Mailbox, OwnAddresses};
use crate::domain::report::{From, IncomingMail, MailKind, Reading, TextSource};

fn own() -> OwnAddresses {
    OwnAddresses::of(Mailbox::parse("security@foundation.example").unwrap())
}

/// The sample files in the order of their names.
fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut mails: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect();
    mails.sort();
    mails
}

/// The bytes of a sample as a door hands them on. The files have LF line ends, so that they can be read.
fn on_the_wire(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    let with_crlf = |&byte: &u8| if byte == b'\n' { vec![b'\r', b'\n'] } else { vec![byte] };
    bytes.iter().flat_map(with_crlf).collect()
}

/// The return path that stands in the first line of a sample.
fn return_path(raw: &[u8]) -> Option<Mailbox> {
    let line = String::from_utf8_lossy(raw.split(|&b| b == b'\r').next().unwrap()).into_owned();
    let path = line.strip_prefix("Return-Path: <").unwrap().trim_end_matches('>').to_owned();
    (!path.is_empty()).then(|| Mailbox::parse(&path).unwrap())
}

fn list(mailboxes: &[Mailbox]) -> String {
    mailboxes.iter().map(Mailbox::as_str).collect::<Vec<_>>().join(", ")
}

/// The facts as they stand in the `.txt` files.
fn rendered(mail: &IncomingMail) -> String {
    let kind = match mail.kind() {
        MailKind::Report => "report".to_owned(),
        MailKind::NoIdentity => "no identity".to_owned(),
        MailKind::Automatic(_) => "automatic".to_owned(),
    };
    let from = match &mail.from {
        From::One { name, mailbox } => format!("{} <{mailbox}>", name.as_deref().unwrap_or_default()),
        From::Missing => "missing".to_owned(),
        From::Ambiguous => "ambiguous".to_owned(),
    };
    let mut text = format!("kind: {kind}\nfrom: {}\n", from.trim());
    let lines = [
        ("automatic", mail.automatic.map(|sign| sign.words().to_owned())),
        ("encrypted", mail.encryption.map(|encryption| encryption.word().to_owned())),
        ("reply to", Some(list(&mail.reply_to))),
        ("to", Some(list(&mail.to))),
        ("cc", Some(list(&mail.cc))),
        ("subject", Some(mail.subject.clone())),
        ("id", mail.message_id.clone()),
        ("references", Some(mail.references.join(" "))),
        ("hops", (mail.hops > 0).then(|| mail.hops.to_string())),
    ];
    for (label, value) in lines {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            writeln!(text, "{label}: {value}").unwrap();
        }
    }
    for file in &mail.attachments {
        writeln!(text, "attachment {}: {} ({}, {} bytes)", file.part, file.name, file.media_type, file.size).unwrap();
    }
    let source = match mail.text_source {
        TextSource::Plain => "plain",
        TextSource::Html => "from HTML",
        TextSource::LongHtml => "from long HTML",
        TextSource::Nothing => "none",
    };
    writeln!(text, "text: {source}").unwrap();
    if let Some(words) = mail.remote.not_loaded() {
        writeln!(text, "{words}").unwrap();
    }
    for line in mail.text.lines() {
        writeln!(text, "{}", format!("  {line}").trim_end()).unwrap();
    }
    text
}

#[test]
fn each_sample_becomes_the_facts_beside_it() {
    let mails = samples();
    assert!(mails.len() >= 20);
    for path in mails {
        let raw = on_the_wire(&path);
        let Reading::Mail(mail) = read(&raw, &own(), return_path(&raw).as_ref()) else {
            panic!("{} is unreadable", path.display());
        };
        let expected = std::fs::read_to_string(path.with_extension("txt")).unwrap();
        assert_eq!(rendered(&mail), expected, "{}", path.display());
    }
}

#[test]
fn each_attachment_is_found_again_by_its_number_and_nothing_else_is() {
    use sha2::{Digest, Sha256};
    for path in samples() {
        let raw = on_the_wire(&path);
        let Reading::Mail(mail) = read(&raw, &own(), None) else { panic!("{}", path.display()) };
        for file in &mail.attachments {
            let bytes = attachment(&raw, file.part).unwrap();
            assert_eq!((bytes.len() as u64, <[u8; 32]>::from(Sha256::digest(&bytes))), (file.size, file.sha256));
        }
        let known: Vec<_> = mail.attachments.iter().map(|file| file.part).collect();
        assert!((0..600).filter(|part| !known.contains(part)).all(|part| attachment(&raw, part).is_none()));
    }
}

/// Reads `raw` and everything in it, and checks what later code relies on.
fn is_read_soundly(raw: &[u8]) {
    if let Reading::Mail(mail) = read(raw, &own(), None) {
        let shown = [Some(mail.subject.as_str()), mail.from.name()].into_iter().flatten();
        for line in shown.chain(mail.attachments.iter().map(|file| file.name.as_str())) {
            assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        }
        assert!(!mail.text.contains(['\r', '\0']));
        for file in &mail.attachments {
            assert_eq!(attachment(raw, file.part).unwrap().len() as u64, file.size);
        }
    }
}

#[test]
fn the_deepest_mail_that_passes_the_guard_fits_a_small_stack() {
    use crate::mail::read::guard::{LEVELS_MAX, PARTS_MAX};
    let from = "From: a@b.example\r\n";
    let message = "Content-Type: message/rfc822\r\n\r\n";
    let multipart = |n: usize| format!("Content-Type: multipart/digest; boundary=b{n}\r\n\r\n--b{n}\r\n");
    let leaf = "Content-Type: text/html\r\n\r\n".to_owned() + &"<div>".repeat(100) + &"<table>".repeat(40);
    let filler = format!("\r\n--b0\r\n\r\n{message}").repeat((PARTS_MAX - LEVELS_MAX) / 3 - 1);
    let mails = [
        format!("{from}{}{leaf}", message.repeat(LEVELS_MAX)),
        format!("{from}{}{leaf}{filler}", (0..LEVELS_MAX).map(multipart).collect::<String>()),
    ];
    for raw in mails {
        let reader =
            std::thread::Builder::new().stack_size(512 * 1024).spawn(move || read(raw.as_bytes(), &own(), None));
        let reading = reader.unwrap().join().unwrap();
        assert!(matches!(reading, Reading::Mail(_)), "{reading:?}");
    }
}

proptest! {
    #[test]
    fn random_bytes_never_make_reading_panic(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        is_read_soundly(&raw);
        is_read_soundly(&[b"From: a@b.example\r\nContent-Type: ".as_slice(), &raw].concat());
    }

    #[test]
    fn cut_and_mixed_samples_never_make_reading_panic(
        pick in any::<(prop::sample::Index, prop::sample::Index)>(),
        cuts in any::<(prop::sample::Index, prop::sample::Index)>(),
        flips in proptest::collection::vec(any::<(prop::sample::Index, u8)>(), 0..30),
    ) {
        let all: Vec<PathBuf> = samples();
        let (one, other) = (on_the_wire(&all[pick.0.index(all.len())]), on_the_wire(&all[pick.1.index(all.len())]));
        let mut raw = [&one[..cuts.0.index(one.len())], &other[cuts.1.index(other.len())..]].concat();
        for (place, byte) in flips {
            let place = place.index(raw.len());
            raw[place] = byte;
        }
        is_read_soundly(&raw);
    }
}
