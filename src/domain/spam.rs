//! Suspected spam: a few plain signs, each with its reason as a sentence, and what no sign weighs up.
//!
//! A report that lands in quarantine is seen a day late, so a text that reads like a report is never suspected,
//! whatever else speaks against it. Spam that pretends to be one costs a member a glance.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::address::Mailbox;
use crate::domain::report::{AutomaticSign, IncomingMail, TextSource};

/// So many points and more are suspicious. No sign reaches it alone.
pub const SUSPICIOUS: u32 = 5;

/// Links of which each comes with fewer words than this are many against few words.
const WORDS_PER_LINK: usize = 30;
/// Addressees of one mail above which it is sent to the many.
const ADDRESSEES_OF_MANY: usize = 15;
/// Words below which a mail says nothing. A first "is this the right address?" says more.
const NOTHING: usize = 4;
/// Words below which it is its pictures that speak.
const FEW_WORDS: usize = 8;
/// No more than this of a text is looked at: spam says what it wants at its start.
const LOOKED_AT: usize = 32 * 1024;

/// What is known of a mail to the security address before anybody has read it.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub mail: &'a IncomingMail,
    /// Aligned SPF or DKIM vouches for the From domain.
    pub is_proven: bool,
    /// The judge found a project of ours in it, however weakly.
    pub names_a_project: bool,
    /// To or Cc holds an address of ours; spam often comes by the envelope alone.
    pub is_addressed_to_us: bool,
}

/// One thing that speaks against a mail. As a sentence it is shown to members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Unproven,
    NoProject,
    NothingInIt,
    PicturesAlone,
    HtmlAlone,
    /// This many links against this many words.
    ManyLinks(usize, usize),
    RepliesElsewhere,
    NotToUs,
    ToMany(usize),
    Shouts,
    /// The first phrase of our list that was found.
    Advertises(&'static str),
    /// Two phrases and more.
    AdvertisesAgain(&'static str),
    Money,
}

impl Sign {
    /// How much it weighs. The small ones are true of many honest mails and count only beside others.
    pub fn points(self) -> u32 {
        match self {
            Self::Unproven | Self::NoProject | Self::HtmlAlone | Self::NotToUs | Self::Shouts => 1,
            Self::ManyLinks(..) | Self::RepliesElsewhere | Self::ToMany(_) | Self::Money => 2,
            Self::Advertises(_) | Self::AdvertisesAgain(_) => 2,
            Self::NothingInIt | Self::PicturesAlone => 3,
        }
    }
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unproven => f.write_str("Neither SPF nor DKIM vouches for the sender."),
            Self::NoProject => f.write_str("No project is named."),
            Self::NothingInIt => f.write_str("It has next to no text and no file."),
            Self::PicturesAlone => f.write_str("It shows pictures and says next to nothing."),
            Self::HtmlAlone => f.write_str("It is HTML without a plain text."),
            Self::ManyLinks(links, words) => write!(f, "It has {links} links against {words} words."),
            Self::RepliesElsewhere => f.write_str("Replies would go to another domain than the sender's."),
            Self::NotToUs => f.write_str("It names no address of ours as its recipient."),
            Self::ToMany(count) => write!(f, "It went to {count} addresses at once."),
            Self::Shouts => f.write_str("Its subject is written in capitals or with many exclamation marks."),
            Self::Advertises(phrase) => write!(f, "It says \"{phrase}\", as advertising does."),
            Self::AdvertisesAgain(phrase) => write!(f, "It also says \"{phrase}\"."),
            Self::Money => f.write_str("It speaks of sums of money."),
        }
    }
}

/// What speaks against a mail, the heaviest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// The sum of the points; the higher, the surer.
    pub score: u32,
    pub signs: Vec<Sign>,
}

/// Why a mail is suspected, if enough speaks against it and nothing for it.
pub fn suspect(facts: &Facts<'_>) -> Option<Suspicion> {
    let mail = facts.mail;
    if facts.names_a_project || mail.encryption.is_some() || reads_like_a_report(&mail.subject, &mail.text) {
        return None;
    }
    let mut signs = signs(facts);
    let score = signs.iter().map(|sign| sign.points()).sum();
    signs.sort_by_key(|sign| std::cmp::Reverse(sign.points()));
    (score >= SUSPICIOUS).then_some(Suspicion { score, signs })
}

fn signs(facts: &Facts<'_>) -> Vec<Sign> {
    let mail = facts.mail;
    let text = start_of(&mail.text);
    let (links, words) = (LINK.find_iter(text).count(), words_in(text));
    let mut signs = vec![Sign::NoProject];
    let mut sign_if = |is_so: bool, sign: Sign| {
        if is_so {
            signs.push(sign);
        }
    };
    let said = words + words_in(&mail.subject);
    // A list sets Reply-To to itself, and says in each mail how to leave it.
    let is_of_a_list = mail.automatic == Some(AutomaticSign::MailingList);
    let is_html = mail.text_source == TextSource::Html;
    let has_pictures = mail.attachments.iter().any(|file| file.media_type.starts_with("image/"));
    sign_if(!facts.is_proven, Sign::Unproven);
    sign_if(said < NOTHING && mail.attachments.is_empty(), Sign::NothingInIt);
    sign_if(said < FEW_WORDS && has_pictures, Sign::PicturesAlone);
    sign_if(is_html, Sign::HtmlAlone);
    sign_if(links > 0 && words < links * WORDS_PER_LINK, Sign::ManyLinks(links, words));
    sign_if(!is_of_a_list && replies_elsewhere(mail), Sign::RepliesElsewhere);
    sign_if(!facts.is_addressed_to_us, Sign::NotToUs);
    let addressees = mail.to.len() + mail.cc.len();
    sign_if(addressees > ADDRESSEES_OF_MANY, Sign::ToMany(addressees));
    sign_if(shouts(&mail.subject), Sign::Shouts);
    sign_if(MONEY.is_match(text) || MONEY.is_match(&mail.subject), Sign::Money);
    let mut phrases = advertising(&mail.subject, text).filter(|phrase| !is_of_a_list || *phrase != "unsubscribe");
    signs.extend(phrases.next().map(Sign::Advertises));
    signs.extend(phrases.take(2).map(Sign::AdvertisesAgain));
    signs
}

fn start_of(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOKED_AT)]
}

/// Words, links not counted. What is written without spaces counts as a word for every two letters.
fn words_in(text: &str) -> usize {
    let is_word = |word: &&str| !LINK.is_match(word);
    let letters = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count();
    let weight = |word: &str| if word.is_ascii() { letters(word).min(1) } else { letters(word).div_ceil(2) };
    text.split_whitespace().filter(is_word).map(weight).sum()
}

fn replies_elsewhere(mail: &IncomingMail) -> bool {
    let Some(from) = mail.from.mailbox() else { return false };
    let is_elsewhere = |reply_to: &Mailbox| {
        let (of_reply, of_from) = (reply_to.domain(), from.domain());
        of_reply != of_from
            && !of_reply.ends_with(&format!(".{of_from}"))
            && !of_from.ends_with(&format!(".{of_reply}"))
    };
    !mail.reply_to.is_empty() && mail.reply_to.iter().all(is_elsewhere)
}

fn shouts(subject: &str) -> bool {
    let letters: Vec<char> = subject.chars().filter(|c| c.is_alphabetic()).collect();
    let capitals = letters.iter().filter(|c| c.is_uppercase()).count();
    let has_case = letters.iter().any(|c| c.is_uppercase() || c.is_lowercase());
    (letters.len() >= 10 && has_case && capitals * 10 >= letters.len() * 9) || subject.contains("!!")
}

/// The phrases of our list that stand in subject or text, each as the list has it.
fn advertising(subject: &str, text: &str) -> impl Iterator<Item = &'static str> {
    let text = format!("{subject}\n{text}").to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    ADVERTISING.iter().copied().filter(move |phrase| text.contains(phrase))
}

/// Words and phrases that sell something. Ours, from what lands in every public mailbox; none that a report needs.
const ADVERTISING: &[&str] = &[
    "unsubscribe",
    "opt out",
    "opt-out",
    "removed from our",
    "removed from this",
    "remove you from",
    "to be removed",
    "remove me",
    "click here",
    "click below",
    "order now",
    "buy now",
    "act now",
    "limited time",
    "special offer",
    "risk free",
    "risk-free",
    "free trial",
    "no obligation",
    "money back",
    "money-back",
    "satisfaction guaranteed",
    "100% guaranteed",
    "best price",
    "lowest price",
    "discount",
    "wholesale",
    "our catalogue",
    "quotation",
    "guest post",
    "backlink",
    "link building",
    "seo service",
    "search engine",
    "first page of google",
    "rank your website",
    "web design",
    "lead generation",
    "increase your sales",
    "increase your traffic",
    "email marketing",
    "bulk email",
    "million email",
    "investment opportunit",
    "business opportunit",
    "business proposal",
    "business transaction",
    "work from home",
    "work at home",
    "home based business",
    "home-based business",
    "earn money",
    "make money",
    "extra income",
    "financial freedom",
    "credit card debt",
    "mortgage",
    "refinance",
    "interest rate",
    "low rates",
    "consolidate your debt",
    "loan offer",
    "personal loan",
    "life insurance",
    "next of kin",
    "late husband",
    "inheritance",
    "foreign account",
    "bank account",
    "transfer the fund",
    "transfer of fund",
    "strictly confidential",
    "utmost confidence",
    "lottery",
    "you have won",
    "winning number",
    "you have been selected",
    "claim your",
    "casino",
    "betting",
    "viagra",
    "cialis",
    "pharmacy",
    "prescription",
    "weight loss",
    "lose weight",
    "hair loss",
    "penis",
    "enlargement",
    "erection",
    "sex life",
    "adult site",
    "hot girls",
    "webcam girls",
    "dating site",
    "singles",
    "crypto investment",
    "bitcoin profit",
    "forex",
    "stock pick",
    "stock alert",
    "penny stock",
    "replica watch",
    "university diploma",
    "ink cartridge",
    "toner",
    "satellite tv",
    "cable descrambler",
    "copy dvd",
    "dear friend",
    "dear beneficiary",
    "dear sir/madam",
    "this is not spam",
    "not a spam",
    "you received this",
    "you are receiving this",
];

static LINK: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?i)\bhttps?://|\bwww\.[a-z0-9]"));

static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)[$€£]\s?\d{1,3}([,.]\d{3})+|[$€£]\s?\d{3,}|\busd?\s?\$\s?\d|\busd\s?\d|\b\d[\d.,]*\s?(million|thousand)?\s?(us\s)?(dollars|euros)\b|\bmillion (us )?dollars\b",
    )
});

/// Whether somebody reports something here: words that no advertising needs, versions, code. One is enough.
pub fn reads_like_a_report(subject: &str, text: &str) -> bool {
    let text = start_of(text);
    [subject, text].iter().any(|text| REPORT_WORDS.is_match(text) || TECHNICAL.is_match(text))
}

static REPORT_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?ix)\b(
            vulnerab\w* | flaws? | bugs? | buggy | crash\w* | leak\w* | hack\w* | exploit\w* | cve | cwe | cvss\w* | ghsa | xss | csrf | xsrf | ssrf | xxe | rce | lfi | idor | redos
            | poc | proof[\ -]of[\ -]concept | \w*injection | \w*overflow\w* | over-?read | out[\ -]of[\ -]bounds | use[\ -]after[\ -]free
            | double[\ -]free | segfault\w* | segmentation\ fault | denial[\ -]of[\ -]service | deserializ\w* | deserialis\w* | pickle
            | traversal | sandbox | escap(e|ed|es|ing)\ (the|html|of) | saniti[sz]\w* | unsaniti[sz]ed | bypass\w* | privilege\ escalation
            | malicious | attacker\w* | payload\w* | backdoor\w* | clickjacking | open\ redirect | man[\ -]in[\ -]the[\ -]middle | mitm
            | cross[\ -]site | code\ execution | command\ execution | arbitrary\ (code|file|command)\w* | race\ condition
            | memory\ (leak|corruption|safety) | heap | null\ pointer | stack\ trace | backtrace | regression | steps\ to\ reproduce
            | security\ (issue|flaw|bug|hole|problem|weakness|finding|advisory|report|disclosure|researcher|concern|contact|team|patch|fix)\w*
            | responsible\ disclosure | coordinated\ disclosure | bug\ ?bounty | hall\ of\ fame | pentest\w* | penetration\ test\w*
            | leaked\ (key|token|secret|credential|password)\w* | api\ key\w* | credentials | plaintext\ password\w* | hard-?coded
            | (supply|dependency)[\ -](chain|confusion) | typosquat\w* | malware | subdomain\ takeover | spf | dkim | dmarc | dnssec | tls | ssl
            | commit | pull\ request | repository | repo | github | gitlab | pypi | npm | upstream | maintainer\w* | changelog
            | stderr | stdout | localhost | python | javascript | typescript | rust | java | kernel | linux | debian
        )\b",
    )
});

static TECHNICAL: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?imx)
            \bCVE-\d{4}-\d+ | \bversions?\ v?\d | \bv\d+\.\d+ | \b\d+\.\d+\.\d+(-?(rc|alpha|beta|dev)\d*)?\b
            | ``` | ^\s*>>>\s | ^Traceback\b | ^\s*\#include\b | ^\s*(def|class|import|from|function|const|let|var|return)\s.*[=(:;{]
            | \w+\(\)[;,.\ ] | \b0x[0-9a-f]{4,} | ^\s*\$\s(curl|git|pip|npm|python|sudo|docker|ssh|nmap)\b | ^[+-]{3}\ [ab]/
            | (^|\s)[\w/.-]+\.(py|c|h|cc|cpp|hpp|rs|go|java|rb|ts|tsx|yml|yaml|toml|ipynb|pyx|so|dll)(:\d+)?\b
            | <script\b | \balert\(
        ",
    )
});

/// Compiles the patterns now, so that the first mail does not wait for it.
pub fn prepare() {
    for pattern in [&LINK, &MONEY, &REPORT_WORDS, &TECHNICAL] {
        LazyLock::force(pattern);
    }
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed and compiled in a test")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::{Attachment, Encryption, From};

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
            attachments: Vec::new(),
            automatic: None,
            encryption: None,
            references: Vec::new(),
            body_sha256: [0; 32],
            hops: 0,
        }
    }

    /// A stranger's mail that nobody vouches for.
    fn suspected(mail: &IncomingMail) -> Option<Suspicion> {
        suspect(&Facts { mail, is_proven: false, names_a_project: false, is_addressed_to_us: true })
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
                "It has 2 links against 13 words.",
                "It says \"order now\", as advertising does.",
                "It also says \"satisfaction guaranteed\".",
                "It also says \"best price\".",
                "No project is named.",
                "Neither SPF nor DKIM vouches for the sender.",
                "Its subject is written in capitals or with many exclamation marks.",
            ]
        );
        assert_eq!(suspicion.score, 11);
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
        let facts = Facts { mail: &offer, is_proven: false, names_a_project: true, is_addressed_to_us: false };
        assert!(suspect(&facts).is_none());
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
            let mut mail = mail("Hello there", "A few words about us, and who we are, and where you find us.");
            change(&mut mail);
            let facts = Facts { mail: &mail, is_proven: true, names_a_project: false, is_addressed_to_us: true };
            let found = signs(&facts);
            assert_eq!(found, [Sign::NoProject, sign], "{mail:?}");
        };
        said(|mail| mail.text_source = TextSource::Html, Sign::HtmlAlone);
        said(|mail| mail.reply_to = vec![mailbox("x@other.example")], Sign::RepliesElsewhere);
        said(|mail| mail.to = vec![mailbox("x@y.example"); 16], Sign::ToMany(16));
        said(|mail| mail.subject = "HELLO THERE FRIENDS".to_owned(), Sign::Shouts);
        said(|mail| mail.text.push_str(" click here"), Sign::Advertises("click here"));
        said(|mail| mail.text.push_str(" $5,000,000"), Sign::Money);
        said(|mail| mail.text.push_str(" https://a.example"), Sign::ManyLinks(1, 14));
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
}
