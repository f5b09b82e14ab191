//! Mails that are suspected, mails that are not, and each sign by itself.

use super::*;
use crate::domain::address::Mailbox;
use crate::domain::report::{Attachment, AutomaticSign, Encryption, From, Remote, TextSource};
use crate::domain::spam::look::replies_elsewhere;

fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

fn mail(subject: &str, text: &str) -> IncomingMail {
    IncomingMail {
        message_id: None,
        from: From::One { name: None, mailbox: mailbox("sales@deals.example") },
        reply_to: Vec::new(),
        to: vec![mailbox("security@story.example")],
        cc: Vec::new(),
        subject: subject.to_owned(),
        text: text.to_owned(),
        text_source: TextSource::Plain,
        remote: Remote::default(),
        attachments: Vec::new(),
        automatic: None,
        encryption: None,
        references: Vec::new(),
        body_sha256: [0; 32],
        hops: 0,
    }
}

fn ordinary() -> SeemsNoise {
    SeemsNoise { noise: Noise::Other, evidence: Vec::new() }
}

/// A stranger's mail that nobody vouches for and that the judge takes for ordinary mail.
fn suspected(mail: &IncomingMail) -> Option<Suspicion> {
    let noise = ordinary();
    suspect(&Facts { mail, is_proven: false, names_a_project: false, noise: Some(&noise), is_addressed_to_us: true })
}

const OFFER: &str = "Dear friend, we offer toner at the lowest price. Order now, satisfaction guaranteed. \
                     http://deals.example/a http://deals.example/b";

#[test]
fn spam_is_suspected_with_each_reason_the_heaviest_first() {
    let suspicion = suspected(&mail("BEST PRICE FOR TONER", OFFER)).unwrap();
    let reasons: Vec<String> = suspicion.signs.iter().map(ToString::to_string).collect();
    assert_eq!(
        reasons,
        [
            "It says \"dear friend\" and 6 more that advertising says.",
            "Its subject is written in capitals or with exclamation marks.",
            "Its subject says \"best price\", as advertising does.",
            "It has 2 links against 13 words.",
            "Neither SPF nor DKIM vouches for the sender.",
            "No project is named.",
        ]
    );
    assert!(suspicion.score.cast_signed() > SUSPICIOUS);
}

#[test]
fn what_names_a_project_or_reads_like_a_report_is_never_suspected() {
    let spoken_for = [
        "A crafted table is a vulnerability in your reader.",
        "Your server answers with a stack trace.",
        "This is broken since version 2.1",
        "See CVE-2026-12345 for more.",
        "It crashes in src/reader.c:120 for me.",
        "$ curl https://deals.example/x",
        "I found a security problem, whom do I tell?",
        "Calling open_table() with nothing ends the program.",
    ];
    for words in spoken_for {
        assert!(suspected(&mail("BEST PRICE!!", &format!("{OFFER} {OFFER}\n{words}\n"))).is_none(), "{words}");
        assert!(suspected(&mail(words, OFFER)).is_none(), "{words}");
    }
    let offer = mail("BEST PRICE", OFFER);
    let facts = Facts { mail: &offer, is_proven: false, names_a_project: true, noise: None, is_addressed_to_us: false };
    assert!(suspect(&facts).is_none());
    for noise in [Noise::Scanner, Noise::Bounty, Noise::Support, Noise::ThirdParty] {
        let seems = SeemsNoise { noise, evidence: Vec::new() };
        let of_that_kind = Facts { noise: Some(&seems), names_a_project: false, ..facts };
        assert!(suspect(&of_that_kind).is_none(), "a member answers it: {noise:?}");
    }
    assert!(suspect(&Facts { names_a_project: false, ..facts }).is_none(), "the judge takes it for a report");
    let mut sealed = offer.clone();
    sealed.encryption = Some(Encryption::PgpMime);
    assert!(suspected(&sealed).is_none(), "nobody has read it yet");
}

#[test]
fn ordinary_questions_are_not_suspected_whoever_asks() {
    let html_note = IncomingMail {
        text_source: TextSource::Html,
        ..mail("Hello", "Whom do I ask about a job with you? My name is Jo and I live in Rome.")
    };
    for question in [
        mail("Hello", "Is this the right address?"),
        mail("Question", "Hello, I would like to know how I can join your conference next year. Best, Jo"),
        mail("Invoice", "Please find our invoice attached, and tell us when it is paid. https://firm.example"),
        mail(
            "\u{30c6}\u{30b9}\u{30c8}",
            "\u{3053}\u{3093}\u{306b}\u{3061}\u{306f}\u{3001}\u{8cea}\u{554f}\u{304c}\u{3042}\u{308a}\u{307e}\u{3059}\u{3002}\u{3069}\u{3046}\u{3059}\u{308c}\u{3070}\u{3044}\u{3044}\u{3067}\u{3059}\u{304b}\u{3002}",
        ),
        html_note,
    ] {
        assert_eq!(suspected(&question), None, "{}", question.text);
    }
}

#[test]
fn each_sign_stands_for_itself() {
    let said = |change: fn(&mut IncomingMail), sign: Sign| {
        let mut mail = mail("Hello there", "A few words about nothing, and who is there, and where that can be found.");
        change(&mut mail);
        let facts =
            Facts { mail: &mail, is_proven: true, names_a_project: false, noise: None, is_addressed_to_us: true };
        let found = look::signs(&facts);
        assert_eq!(found, [Sign::NoProject, sign], "{mail:?}");
    };
    said(|mail| mail.text_source = TextSource::Html, Sign::HtmlAlone);
    said(|mail| mail.reply_to = vec![mailbox("x@other.example")], Sign::RepliesElsewhere);
    said(|mail| mail.to = vec![mailbox("x@y.example"); 16], Sign::ToMany(16));
    said(|mail| mail.subject = "HELLO THERE FRIENDS".to_owned(), Sign::Shouts);
    said(|mail| mail.text.push_str(" click here"), Sign::Advertises(1, "click here"));
    said(|mail| mail.subject = "A toner for the office".to_owned(), Sign::AdvertisesInSubject("toner"));
    said(|mail| mail.subject = "Hello there again 88213".to_owned(), Sign::OddTail);
    said(|mail| mail.text.push_str(" Hello!"), Sign::Exclaims(1));
    said(|mail| mail.text.push_str(" FIVE LONG WORDS HERE"), Sign::Capitals(21));
    said(|mail| mail.text.push_str(" 30 %"), Sign::Percents(1));
    said(|mail| mail.to = vec![mailbox("hello@story.example")], Sign::NamesTheAddress);
    said(|mail| mail.text.push_str(" \u{fffd}"), Sign::Garbled);
    said(|mail| mail.text.push_str("\n> there"), Sign::Quotes);
    said(|mail| mail.text.push_str(" kernel"), Sign::Works(1));
    said(|mail| mail.references = vec!["a@b.example".to_owned()], Sign::Answers);
    said(|mail| mail.automatic = Some(AutomaticSign::MailingList), Sign::OfAList);
    said(|mail| mail.text.push_str(&" your".repeat(20)), Sign::Addresses(57));
    said(|mail| mail.text.push_str(" $5,000,000"), Sign::Money);
    said(|mail| mail.text.push_str(" https://a.example"), Sign::ManyLinks(1, 15));
    said(
        |mail| {
            mail.text.clear();
            mail.subject.clear();
        },
        Sign::NothingInIt,
    );
    said(
        |mail| {
            mail.text.clear();
            let (name, media_type) = ("a.png".to_owned(), "image/png".to_owned());
            mail.attachments = vec![Attachment { part: 1, name, media_type, size: 9, sha256: [0; 32] }];
        },
        Sign::PicturesAlone,
    );
}

#[test]
fn replies_to_a_host_of_the_senders_own_domain_and_the_ways_of_a_list_are_nothing_odd() {
    let mut mail = mail("Hello", "Some words, enough of them to be read by somebody. unsubscribe");
    mail.reply_to = vec![mailbox("x@mail.deals.example")];
    assert!(!replies_elsewhere(&mail));
    mail.reply_to = vec![mailbox("list@lists.example")];
    assert!(replies_elsewhere(&mail));
    mail.automatic = Some(AutomaticSign::MailingList);
    assert_eq!(suspected(&mail), None);
}

#[test]
fn a_long_text_and_odd_letters_are_looked_at_in_parts() {
    let long = "\u{202e}\u{1f600} word ".repeat(100_000);
    assert_eq!(suspected(&mail("", &long)), None);
    assert!(!reads_like_a_report("", &long));
}
