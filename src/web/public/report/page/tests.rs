//! The form's page, printed.

use super::*;
use crate::domain::id::UploadId;
use crate::flows::form::{LooksLike, Seems};
use crate::web::samples::{HOSTILE, directory, id, safe, shows_hostile_texts};

fn view<'a>(directory: &'a Directory, typed: &'a Typed) -> FormView<'a> {
    FormView { directory, typed, stamp: "stamp", attached: &[], faults: &[], notice: None, tested: None, hints: None }
}

fn hostile() -> Typed {
    let mut typed = Typed::default();
    Field::ALL.into_iter().for_each(|field| typed.set(field, HOSTILE));
    typed
}

#[test]
fn a_blank_form_asks_three_things_and_gives_nobody_away() {
    let (directory, typed) = (directory(), Typed::default());
    let words = maud::html! { "This mailbox was tested today, 06:00 UTC" };
    let tested = Some(&words);
    let shown = safe(form(&FormView { tested, ..view(&directory, &typed) }));
    assert!(shown.contains("This mailbox was tested today, 06:00 UTC."), "{shown}");
    assert!(shown.contains("enctype=\"multipart/form-data\" novalidate"), "{shown}");
    assert!(shown.contains("value=\"nothing\" checked"), "withholding is preselected: {shown}");
    assert_eq!(shown.matches(" checked").count(), 1, "and nothing else is");
    assert!(shown.contains("<option value=\"Lantern\">") && shown.contains("mailto:security@story.example"), "{shown}");
    for required in ["What is it about?", "What did you find?", "How can we reach you?"] {
        assert!(shown.contains(required), "{required}");
    }
    assert!(!shown.contains("There is a problem") && !shown.contains("<details class=\"field\" open"), "{shown}");
}

#[test]
fn the_stamp_comes_first_and_the_enter_key_sends_nothing() {
    let (directory, typed) = (directory(), hostile());
    let shown = shows_hostile_texts(form(&view(&directory, &typed)), 8);
    let at = |words: &str| shown.find(words).unwrap();
    assert!(at("name=\"stamp\"") < at("name=\"about\"") && at("name=\"stamp\"") < at("name=\"files\""));
    let first_button = &shown[at("<button")..];
    let suggests =
        "<button formaction=\"/report/hint#hints\" name=\"suggest\" value=\"yes\" data-suggest>Suggest a project";
    assert!(first_button.starts_with(suggests), "{first_button}");
}

#[test]
fn each_fault_is_said_on_top_and_beside_its_field_with_a_link_between_them() {
    let (directory, typed) = (directory(), hostile());
    let faults = [
        Fault::NoAbout,
        Fault::NoText,
        Fault::NoReach,
        Fault::NoAddress,
        Fault::TooLong(Field::Credit),
        Fault::TooLong(Field::Key),
        Fault::CutOff,
    ];
    let shown = shows_hostile_texts(form(&FormView { faults: &faults, ..view(&directory, &typed) }), 8);
    assert!(shown.contains("id=\"problem\" tabindex=\"-1\" autofocus"), "{shown}");
    for fault in faults {
        let (place, words) = (place(fault), words(fault));
        assert!(shown.contains(&format!("<a href=\"#{place}\">{words}</a>")), "{words}: {shown}");
        assert!(shown.contains(&format!("id=\"{place}\"")), "{place}");
        assert!(shown.contains(&format!("id=\"{place}-wrong\">Error: {words}")), "{words}: {shown}");
        assert!(shown.contains(&format!("{place}-wrong\"")), "{place} is described by its message");
    }
    assert!(shown.contains("<details class=\"field\" open>"), "what is wrong is not folded away: {shown}");
}

#[test]
fn attached_files_stay_and_each_can_be_taken_off() {
    let (directory, typed) = (directory(), Typed::default());
    let file = Upload {
        id: UploadId::from_row("upload-1"),
        name: format!("poc\u{202e}.zip{HOSTILE}"),
        media_type: HOSTILE.to_owned(),
        size: 12_345,
        sha256: [0; 32],
    };
    let shown = shows_hostile_texts(form(&FormView { attached: &[file], ..view(&directory, &typed) }), 2);
    assert!(shown.contains("Already attached: poc\u{fffd}.zip") && shown.contains("12 kB"), "{shown}");
    assert!(shown.contains("formaction=\"/report/hint#files\" name=\"remove\" value=\"upload-1\""), "{shown}");
}

#[test]
fn a_form_that_is_shown_again_says_why() {
    let (directory, typed) = (directory(), hostile());
    let said = |notice: Notice| safe(form(&FormView { notice: Some(&notice), ..view(&directory, &typed) }));
    assert!(said(Notice::Old).contains("This page was open for a long time. Press Send again. Nothing is lost."));
    let limited = said(Notice::Limited { minutes: 3, had_files: false });
    assert!(limited.contains("Your text is still below. Try again in 3 minutes, or mail it to"), "{limited}");
    assert!(
        !limited.contains("not kept") && said(Notice::Limited { minutes: 1, had_files: true }).contains("not kept")
    );
    assert!(said(Notice::Away).contains("We cannot reach our records right now."));
    let before = said(Notice::SentBefore { confirmation: "/report/received/abc".to_owned() });
    assert!(before.contains("href=\"/report/received/abc\""), "{before}");
}

#[test]
fn hints_say_why_and_give_no_answer_by_themselves() {
    let (directory, typed) = (directory(), hostile());
    let seems = |name: &str| Seems { id: id(&name.to_lowercase()), name: name.to_owned() };
    let hints = [
        Hint::LooksLike(LooksLike {
            projects: vec![seems("Lantern"), seems("Parsley")],
            mentions: vec!["mpl_toolkits".to_owned(), HOSTILE.to_owned()],
        }),
        Hint::OutOfScope { project: "Parsley".to_owned(), words: HOSTILE.to_owned() },
        Hint::Prefers {
            project: "Lovage".to_owned(),
            channel: "GitHub",
            url: Some("https://github.com/lovage".to_owned()),
        },
        Hint::NoContact { project: "Savory".to_owned() },
        Hint::Unknown(HOSTILE.to_owned()),
        Hint::MissingHeader,
        Hint::Encrypted,
        Hint::NothingFound,
    ];
    let shown = shows_hostile_texts(form(&FormView { hints: Some(&hints), ..view(&directory, &typed) }), 11);
    for words in [
        "This looks like <strong>Lantern</strong> or <strong>Parsley</strong>, because your text mentions \u{201c}mpl_toolkits\u{201d} and \u{201c}",
        "name=\"use\" value=\"lantern parsley\" data-use=\"Lantern, Parsley\">Use both",
        "Leave it to us",
        "Lovage prefers reports through GitHub. <a href=\"https://github.com/lovage\" rel=\"noreferrer\">Report on GitHub</a> or continue here and we take it there for you.",
        "We have no confirmed contact for Savory. Send it here: the committee will find one.",
        "usually closed without forwarding. You can still send it.",
        "This looks encrypted, so we cannot suggest a project. Choose one above if you can.",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(!shown.contains('%'), "no percentage: {shown}");
}

#[test]
fn whoever_is_typing_is_told_no_more_than_what_is_news() {
    assert_eq!(hints::aside(&[Hint::NothingFound]).into_string(), "");
    let said = safe(hints::aside(&[Hint::NothingFound, Hint::Encrypted]));
    assert!(said.contains("This looks encrypted") && !said.contains("cannot tell"), "{said}");
    assert!(safe(hints::answer(&[])).contains("Thank you, that is all we need to know"));
}
