//! Mails of our own in the shapes of many programs, and what stays of them.

use super::*;

#[test]
fn the_quotations_of_common_mail_programs_are_cut() {
    for (program, text) in [
        (
            "Gmail",
            "We look.\n\nOn Fri, Nov 20, 2026 at 3:00 PM Story security committee <security@story.example>\nwrote:\n\n> You are\n> a contact\n",
        ),
        ("Thunderbird", "On 11/20/26 15:00, Story security committee wrote:\n> You are a contact\n\nWe look.\n"),
        ("mutt", "On Fri, Nov 20, 2026 at 03:00:00PM +0000, Story wrote:\n> You are\n\nWe look.\n\n-- \nKai\n"),
        (
            "Apple Mail",
            "We look.\n\n> On 20 Nov 2026, at 15:00, Story <security@story.example> wrote:\n> \n> You are\n",
        ),
        (
            "Outlook",
            "We look.\n\n________________________________\nFrom: Story <security@story.example>\nSent: Friday, November 20, 2026 3:00 PM\nTo: Kai\nSubject: [SEC-2026-0001] x\n\nYou are a contact\n",
        ),
        (
            "Outlook, plain",
            "We look.\r\n\r\n-----Original Message-----\r\nFrom: Story\r\nSent: Friday\r\nTo: Kai\r\nSubject: x\r\n\r\nYou are\r\n",
        ),
        (
            "Outlook, German",
            "We look.\n\nVon: Story <security@story.example>\nGesendet: Freitag, 20. November 2026 15:00\nAn: Kai\nBetreff: x\n\nSie sind\n",
        ),
        ("Outlook, bold", "We look.\n\n**From:** Story\n**Sent:** Friday\n**To:** Kai\n**Subject:** x\n\nYou are\n"),
        (
            "Gmail, German",
            "We look.\n\nAm Fr., 20. Nov. 2026 um 15:00 Uhr schrieb Story <\nsecurity@story.example>:\n\n> You are\n",
        ),
        (
            "Gmail, French",
            "We look.\n\nLe ven. 20 nov. 2026 à 15:00, Story <security@story.example> a\nécrit :\n\n> You are\n",
        ),
        (
            "Gmail, Spanish",
            "We look.\n\nEl vie, 20 nov 2026 a las 15:00, Story (<security@story.example>) escribió:\n\n> You are\n",
        ),
        ("Gmail, Japanese", "We look.\n\n2026年11月20日(金) 15:00 Story <security@story.example>:\n\n> You are\n"),
        (
            "Gmail, Chinese",
            "We look.\n\nStory <security@story.example> 于2026年11月20日周五 15:00写道：\n\n> You are\n",
        ),
        ("Thunderbird, Dutch", "Op 20-11-2026 om 15:00 schreef Story:\n> You are\nWe look.\n"),
        ("no line above it", "We look.\n\n> You are\n> a contact\n"),
        ("a phone", "We look.\n\nSent from my phone\n\nOn Fri, 20 Nov 2026, Story wrote:\n> You are\n"),
    ] {
        assert_eq!(visible(text), "We look.", "{program}");
    }
}

#[test]
fn answers_between_quoted_lines_stay_and_the_lines_between_go() {
    let text =
        "On Friday, Story wrote:\n> Which version?\n\n2.1\n\n> And before?\n\nAll of them.\nSince 2019.\n\n-- \nKai";
    assert_eq!(visible(text), "2.1\n\nAll of them.\nSince 2019.");
}

#[test]
fn what_may_be_the_writers_own_stays() {
    for text in [
        "Run this:\n>>> import parsley\n>>> parsley.read(b'x')\nIt crashes.",
        "On line 3 it says:\n  a > b\nwhich is wrong.",
        "$ cat <<E\n> one\n> E\nand it hangs",
        "diff:\n--- a/src/x.c\n+++ b/src/x.c\n-- comment\nend",
        "These headers get through:\nFrom: a\nSubject: b\nEnd.",
        "The manual wrote: never mind.",
        "> a single line\nand more",
        "one\n\n\ntwo\n  three",
    ] {
        assert_eq!(visible(text), text);
    }
    let long = format!("words\n--\n{}", "code\n".repeat(16));
    assert_eq!(visible(&long), long.trim_end());
}

#[test]
fn a_session_stays_even_in_a_reply_and_signatures_go() {
    let text = "On Fri, 20 Nov 2026, Story wrote:\n> Show it.\n\n>>> parsley.read(b'x')\n\n-- \nKai\nLabs\n";
    assert_eq!(visible(text), ">>> parsley.read(b'x')");
    assert_eq!(visible("Yes.\n--\nKai\nLabs"), "Yes.");
}

#[test]
fn a_mail_that_is_all_quotation_has_no_visible_words() {
    for text in ["", "\n\n", "On Fri, 20 Nov 2026, Story wrote:\n> You are\n> a contact\n"] {
        assert_eq!(visible(text), "");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_is_added_and_no_text_is_too_odd(text in "([a-z>:@< -]{0,12}(\n|\r\n)?){0,40}") {
        let words = visible(&text);
        let lines: Vec<&str> = text.lines().collect();
        for line in words.lines().filter(|line| !line.is_empty()) {
            proptest::prop_assert!(lines.contains(&line), "{:?} in {:?}", line, text);
        }
    }
}
