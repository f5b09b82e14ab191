//! A reply's own words: what of it crosses between the lanes, what waits for a member, and what a page folds.

use axum::http::Method;

use crate::conversation::{JANE, TEAM, forwarded, from_jane, status_of, status_token, to_the_reporter};
use crate::site::{ask, pages, sign_in_cookie};
use crate::stage::{Mail, Stage, mail, token_in};

/// What the contact quotes and Jane must not read.
const INTERNAL: &str = "Between us: the board knows.";

async fn letters_to_jane(stage: &Stage) -> String {
    stage.mail_to(JANE).iter().map(fingerpost::mail::write::transport::SentLetter::text).collect()
}

/// Why the one message on the case was not passed on.
async fn waits_because(stage: &Stage) -> String {
    let case = stage.only_case().await;
    let messages = stage.house.store.messages_of(&case.id).await.unwrap();
    assert_eq!(messages.len(), 1, "nothing was passed on");
    assert!(case.waits_because.unwrap().contains("not passed on"));
    messages[0].held_because.clone().unwrap()
}

#[tokio::test]
async fn what_a_contacts_program_quotes_does_not_cross_in_whatever_language_it_says_so() {
    let html = format!(
        "<div>We look.</div><div class=\"gmail_signature\">Herb</div><hr><div id=\"divRplyFwdMsg\"><b>Abc:</b> Story &lt;x@story.example&gt;<br>\
         <b>Klm:</b> 20. 11. 2026 15:00<br><b>Xyz:</b> Kai</div><div>{INTERNAL}</div>"
    );
    for (kind, text) in [
        (
            "text/plain",
            format!(
                "We look.\r\n\r\nVon: Story\r\nGesendet: Freitag, 20. November 2026 15:00\r\nAn: Kai\r\nBetreff: x\r\n\r\n{INTERNAL}\r\n"
            ),
        ),
        (
            "text/plain",
            format!("We look.\r\n\r\n20 нояб. 2026 г., 15:00, Story <x@story.example>:\r\n\r\n{INTERNAL}\r\n"),
        ),
        (
            "text/plain",
            format!("We look.\r\n\r\n2026年11月20日(金) 15:00 Story <x@story.example>:\r\n> {INTERNAL}\r\n"),
        ),
        ("text/html", html),
    ] {
        let stage = forwarded().await;
        let content = format!("Content-Type: {kind}; charset=utf-8");
        stage.mail_arrives(to_the_reporter(&stage, &text).header("MIME-Version: 1.0").header(&content)).await;
        let letters = letters_to_jane(&stage).await;
        assert!(letters.contains("We look."), "{letters}");
        assert!(!letters.contains("Between us") && !letters.contains("Herb"), "{letters}");
    }
}

#[tokio::test]
async fn a_contacts_words_that_may_be_anothers_wait_for_a_member() {
    for (text, reason) in [
        (format!("FYI\r\n\r\n-------- Forwarded Message --------\r\nFrom: Li\r\n\r\n{INTERNAL}\r\n"), "sent on"),
        (
            format!("On Fri, 20 Nov 2026 15:00, Story <x@story.example> wrote:\r\n{INTERNAL}\r\n\r\nYes.\r\n"),
            "where that ends",
        ),
        (format!("So we said\r\n> {INTERNAL}\r\nand that is all.\r\n"), "may be quoted"),
        (
            format!("Look:\r\n\r\n    From: Li\r\n    Date: 20 Nov 2026\r\n    Subject: x\r\n\r\n{INTERNAL}\r\n"),
            "may be quoted",
        ),
    ] {
        let stage = forwarded().await;
        stage.mail_arrives(to_the_reporter(&stage, &text)).await;
        let because = waits_because(&stage).await;
        assert!(because.contains(reason) && because.contains("A member looks first"), "{because}");
        assert!(!letters_to_jane(&stage).await.contains("Between us"), "{text}");
    }
}

#[tokio::test]
async fn a_mail_that_the_reporter_sends_on_waits_and_a_prompt_does_not() {
    let stage = forwarded().await;
    let letters = stage.mail_to(TEAM).len();
    stage
        .mail_arrives(from_jane(
            &stage,
            "See below.\r\n\r\nBegin forwarded message:\r\n\r\nFrom: Li\r\n\r\nIt is mine.\r\n",
        ))
        .await;
    assert_eq!(stage.mail_to(TEAM).len(), letters);
    assert!(waits_because(&stage).await.contains("sent on"));

    let stage = forwarded().await;
    stage.mail_arrives(from_jane(&stage, "Type this:\r\n> parse x\r\nand it hangs.\r\n")).await;
    let last = stage.mail_to(TEAM).pop().unwrap().text();
    assert!(last.contains("> parse x") && last.contains("and it hangs."), "{last}");
}

#[tokio::test]
async fn the_reporters_page_folds_what_her_mail_quotes_without_our_links() {
    let stage = forwarded().await;
    let receipt = &stage.mail_to(JANE)[0];
    let address = crate::stage::reply_address(receipt);
    let link = token_in(receipt, "/s/");
    let text = format!(
        "It needs -O2.\r\n\r\nOn Fri, 20 Nov 2026 15:00, Story <{address}> wrote:\r\n> Your page:\r\n> https://security.foundation.example/s/{link}\r\n"
    );
    let addition: Mail = from_jane(&stage, &text);
    stage.mail_arrives(addition).await;

    let view = status_of(&stage, &status_token(&stage)).await;
    assert_eq!(view.said[0].words, "It needs -O2.");
    let page = ask(&pages(&stage), Method::GET, &format!("/s/{link}"), &[], "").await.text();
    let from = page.find("It needs -O2.").expect("her words stand on the page");
    let fold = &page[from..from + page[from..].find("</details>").expect("what she quotes is folded")];
    assert!(fold.contains("<details class=\"fold\"><summary>quoted text, 3 lines"), "{fold}");
    assert!(fold.contains("[private link withheld]") && !fold.contains(&link) && !fold.contains(&address), "{fold}");
}

#[tokio::test]
async fn what_a_mail_would_have_loaded_from_elsewhere_is_counted_and_left_there() {
    let stage = Stage::open().await;
    let html = "<link rel=stylesheet href=\"https://a.example/s.css\"><p>Parsley leaks.</p>\
                <img src=\"https://a.example/1.png\"><img src=\"https://a.example/2.png\"><img src=\"cid:shot\">";
    let text = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\nParsley leaks.\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b--\r\n"
    );
    let report = mail(JANE, "A flaw in Parsley", &text).header("MIME-Version: 1.0");
    stage.mail_arrives(report.header("Content-Type: multipart/alternative; boundary=b")).await;
    let reply = from_jane(&stage, "<p>More.</p><img src=//a.example/open?id=7>").header("MIME-Version: 1.0");
    stage.mail_arrives(reply.header("Content-Type: text/html")).await;
    let cookie = sign_in_cookie(&stage).await;
    let page = ask(&pages(&stage), Method::GET, "/cases/SEC-2026-0001", &[("cookie", &cookie)], "").await.text();
    for words in ["2 remote images and 1 other remote file not loaded", ">1 remote image not loaded"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    assert!(!page.contains("a.example/1.png") && !page.contains("a.example/s.css"), "{page}");
}

#[tokio::test]
async fn html_too_long_to_be_taken_apart_waits_for_a_member() {
    let stage = forwarded().await;
    let text = format!("<p>We look.</p><blockquote>{INTERNAL}</blockquote>{}", "<p>x</p>\r\n".repeat(5_100));
    let content = "Content-Type: text/html; charset=utf-8";
    stage.mail_arrives(to_the_reporter(&stage, &text).header("MIME-Version: 1.0").header(content)).await;
    assert!(waits_because(&stage).await.contains("HTML too long"));
    assert!(!letters_to_jane(&stage).await.contains("Between us"));
}
