//! Replies as Gmail, Outlook, Thunderbird, Apple Mail and mutt write them: each joins its lane with its own words, and
//! our next letter stands under it in the reader's program.

use fingerpost::domain::handling::HandlingState;
use fingerpost::mail::write::transport::SentLetter;
use jiff::SignedDuration;

use crate::conversation::{JANE, TEAM, forwarded, last, to_the_reporter};
use crate::stage::{Mail, mail, reply_address};

const PROGRAMS: [&str; 5] = ["gmail", "outlook", "thunderbird", "apple", "mutt"];

/// What the quotation of every reply holds and nobody else is to read.
const QUOTED: &str = "You wrote this before.";

/// A reply to `letter` that says `words`, in the form of `program`.
fn reply(program: &str, letter: &SentLetter, from: &str, words: &str) -> Mail {
    let (text, content) = match program {
        "gmail" => gmail(words),
        "outlook" => outlook(words, &letter.subject()),
        "thunderbird" => thunderbird(words),
        "apple" => apple(words),
        "mutt" => mutt(words),
        other => panic!("no program {other}"),
    };
    let prefix = if program == "outlook" { "RE" } else { "Re" };
    let mut mail = mail(from, &format!("{prefix}: {}", letter.subject()), &text).to(&reply_address(letter));
    mail.message_id = format!("{program}.{}@{}", words.len(), from.rsplit('@').next().unwrap());
    let answered = letter.header("Message-ID");
    let references = format!("{} {}", letter.header("References"), answered.trim());
    mail = mail.header("MIME-Version: 1.0").header(&content);
    mail = mail.header(&format!("In-Reply-To: {}", answered.trim()));
    match program {
        // It names what it answers alone, and carries on what our letter says of the conversation.
        "outlook" => mail
            .header(&format!("References: {}", answered.trim()))
            .header(&format!("Thread-Topic: {}", letter.header("Thread-Topic").trim()))
            .header(&format!("Thread-Index: {}AAAAAA==", letter.header("Thread-Index").trim()))
            .header("X-MS-Has-Attach:")
            .header("X-MS-TNEF-Correlator:")
            .header("Accept-Language: en-US, de-DE"),
        // Long fields are folded.
        _ => mail.header(&format!("References: {}", references.trim().replace("> <", ">\r\n <"))),
    }
}

fn alternative(plain: &str, html: &str) -> (String, String) {
    let text = format!(
        "--=_b\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\n\r\n{plain}\r\n--=_b\r\n\
         Content-Type: text/html; charset=\"UTF-8\"\r\n\r\n{html}\r\n--=_b--\r\n"
    );
    (text, "Content-Type: multipart/alternative; boundary=\"=_b\"".to_owned())
}

fn gmail(words: &str) -> (String, String) {
    let said = "On Fri, Nov 20, 2026 at 3:05\u{202f}PM Story Foundation security committee <\r\nsecurity@foundation.example> wrote:";
    alternative(
        &format!("{words}\r\n\r\n{said}\r\n\r\n> {QUOTED}\r\n>\r\n"),
        &format!(
            "<div dir=\"ltr\">{words}</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" \
             class=\"gmail_attr\">{said}<br></div><blockquote class=\"gmail_quote\">{QUOTED}<br></blockquote></div>"
        ),
    )
}

fn outlook(words: &str, subject: &str) -> (String, String) {
    let head = format!(
        "From: Story Foundation security committee <security@foundation.example>\r\n\
         Sent: Friday, November 20, 2026 3:05 PM\r\nTo: Kai Herb <kai@parsley.example>\r\nSubject: {subject}"
    );
    alternative(
        &format!("{words}\r\n\r\n________________________________\r\n{head}\r\n\r\n{QUOTED}\r\n"),
        &format!(
            "<div class=\"elementToProof\">{words}</div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\">\
             {}</div><div>{QUOTED}</div>",
            head.replace('<', "&lt;").replace('>', "&gt;").replace("\r\n", "<br>")
        ),
    )
}

fn thunderbird(words: &str) -> (String, String) {
    let text = format!(
        "On 11/20/26 3:05 PM, Story Foundation security committee wrote:\r\n> {QUOTED} \r\n> And this.\r\n\r\n{words}\r\n\r\n"
    );
    (text, "Content-Type: text/plain; charset=UTF-8; format=flowed".to_owned())
}

fn apple(words: &str) -> (String, String) {
    let said = "On 20. Nov 2026, at 15:05, Story Foundation security committee <security@foundation.example> wrote:";
    alternative(
        &format!("{words}\r\n\r\n> {said}\r\n> \r\n> {QUOTED}\r\n> \r\n\r\n"),
        &format!(
            "<body style=\"overflow-wrap: break-word;\">{words}<br id=\"lineBreakAtBeginningOfMessage\"><div><br>\
             <blockquote type=\"cite\"><div>{said}</div><br><div>{QUOTED}</div></blockquote></div></body>"
        ),
    )
}

fn mutt(words: &str) -> (String, String) {
    let text = format!(
        "On Fri, Nov 20, 2026 at 03:05:00PM +0000, Story Foundation security committee wrote:\r\n> {QUOTED}\r\n\r\n\
         {words}\r\n\r\n-- \r\nKai\r\n"
    );
    (text, "Content-Type: text/plain; charset=us-ascii\r\nContent-Disposition: inline".to_owned())
}

fn id(mail: &Mail) -> String {
    format!("<{}>", mail.message_id)
}

#[tokio::test]
async fn a_reply_of_each_program_joins_its_lane_and_our_next_letter_answers_it() {
    for program in PROGRAMS {
        let stage = forwarded().await;
        let (forward, receipt) = (last(&stage, TEAM), last(&stage, JANE));
        let contacts = reply(program, &forward, "kai@parsley.example", "Yes, we look at it.");
        stage.mail_arrives(contacts.clone()).await;
        stage.passes(SignedDuration::from_mins(1)).await;
        let janes = reply(program, &receipt, JANE, "It needs the switch -O2, I found.");
        stage.mail_arrives(janes.clone()).await;
        stage.passes(SignedDuration::from_mins(1)).await;

        let case = stage.only_case().await;
        assert_eq!(
            stage.house.store.handlings_of(&case.id).await.unwrap()[0].state,
            HandlingState::Acknowledged,
            "{program}"
        );
        let messages = stage.house.store.messages_of(&case.id).await.unwrap();
        let said: Vec<&str> =
            messages.iter().filter(|row| row.arrival.is_some()).map(|row| row.said().trim()).collect();
        assert_eq!(said, ["Yes, we look at it.", "It needs the switch -O2, I found."], "{program}");
        assert_eq!(stage.house.store.held(9).await.unwrap().len(), 0, "{program}");

        let addition = last(&stage, TEAM);
        assert!(addition.text().contains("-O2") && !addition.text().contains(QUOTED), "{program}: {}", addition.text());
        stands_under(program, &addition, &forward, &contacts);
        let mut words = to_the_reporter(&stage, "We can see it with -O2.\r\n");
        words.message_id = "second@parsley.example".to_owned();
        stage.mail_arrives(words).await;
        stands_under(program, &last(&stage, JANE), &receipt, &janes);
    }
}

/// Whether `letter` is shown in the thread that `first` began, right under `answered`.
fn stands_under(program: &str, letter: &SentLetter, first: &SentLetter, answered: &Mail) {
    assert_eq!(letter.header("In-Reply-To").trim(), id(answered), "{program}");
    let references = letter.header("References");
    let threads: Vec<&str> = references.split_whitespace().collect();
    assert!(threads.contains(&first.header("Message-ID").trim()), "{program}: {threads:?}");
    assert_eq!(threads.last(), Some(&id(answered).as_str()), "{program}");
    // Gmail starts a new thread where the subject differs, Outlook where topic or index do.
    assert_eq!(letter.subject(), first.subject(), "{program}");
    for header in ["Thread-Topic", "Thread-Index"] {
        assert_eq!(letter.header(header), first.header(header), "{program}");
        assert!(!letter.header(header).is_empty());
    }
    assert_ne!(letter.header("Message-ID"), first.header("Message-ID"));
}

#[tokio::test]
async fn an_absence_note_of_each_program_stops_nothing_and_is_not_answered() {
    let notes = [
        ("gmail", "Precedence: bulk\r\nX-Autoreply: yes\r\nAuto-Submitted: auto-replied"),
        ("outlook", "X-Auto-Response-Suppress: All\r\nAuto-Submitted: auto-generated"),
        ("thunderbird", "X-Auto-Response-Suppress: OOF\r\nPrecedence: auto_reply"),
        ("apple", "Auto-Submitted: auto-replied (vacation)"),
        ("mutt", "X-Autorespond: vacation\r\nPrecedence: junk"),
    ];
    for (program, header) in notes {
        let stage = forwarded().await;
        let letters = stage.relay.sent().len();
        let note = reply(program, &last(&stage, TEAM), "kai@parsley.example", "I am back on Monday.").header(header);
        stage.mail_arrives(note).await;
        let case = stage.only_case().await;
        assert_eq!(stage.house.store.handlings_of(&case.id).await.unwrap()[0].state, HandlingState::Sent, "{program}");
        assert_eq!(stage.relay.sent().len(), letters, "{program}");
    }
}
