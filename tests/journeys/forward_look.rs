//! The look before a forward: who gets it, exactly what leaves, lines that may still tell who wrote it; and several
//! projects at once.

use fingerpost::domain::address::{Purpose, Token};
use fingerpost::domain::directory::{AutoForward, DeliveryMode};
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::party::Shares;
use fingerpost::flows::forward::{Sheet, look};
use fingerpost::flows::status;
use jiff::SignedDuration;

use crate::noise::{Desk, field};
use crate::stage::{Stage, mail, reply_address, token_in};

const PARSLEY: &str = "security@parsley.example";
const KIM: &str = "kim@parsley.example";
const REPORTER: &str = "jane@reporter.example";

/// A report with two lines that name somebody who stands in no header. At Parsley, Kim gets links only.
async fn with_doubts() -> Stage {
    let stage = Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Off;
        directory.routing.hold = SignedDuration::ZERO;
        let kim =
            directory.projects.iter_mut().flat_map(|project| &mut project.contacts).find(|contact| contact.is_deputy);
        let kim = kim.unwrap();
        (kim.is_deputy, kim.delivery) = (false, DeliveryMode::Link);
    })
    .await;
    let text = "A crafted table makes Parsley and Lovage read past the end of a buffer.\r\n\
                Credit: Kay Finch\r\nCall +49 30 1234 5678\r\nIt happens in 2.1 and in 2.0.\r\n";
    stage.mail_arrives(mail(REPORTER, "Over-read in Parsley 2.1", text)).await;
    stage
}

#[tokio::test]
async fn a_line_that_may_tell_who_wrote_it_is_withheld_by_one_press_and_another_is_kept() {
    let stage = with_doubts().await;
    let desk = Desk::of(&stage).await;
    let number = stage.only_case().await.number;
    let forward = format!("/cases/{number}/forward");
    let preview = format!("{forward}?project=parsley");
    let page = desk.get(&preview).await;
    assert!(page.contains("The text contains “Credit: Kay Finch”") && page.contains("“Call +49 30"), "{page}");
    assert!(page.contains("name withheld, replies go through us"), "{page}");

    let line = field(&page, "line");
    let next = format!("0.{}", line.strip_prefix("0.").unwrap().parse::<usize>().unwrap() + 1);
    let kept = format!("{preview}&keep={next}");
    assert!(page.contains(&format!("href=\"{}\"", kept.replace('&', "&amp;"))), "{kept} in {page}");
    let form = format!("line={line}&text=Credit%3A+Kay+Finch&back={}", kept.replace('&', "%26"));
    let withhold = format!("/cases/{number}/withhold");
    assert_eq!(desk.press(&withhold, &form).await, kept, "what was kept stays kept");
    let page = desk.get(&kept).await;
    assert!(!page.contains("Kay Finch") && !page.contains("The text contains"), "{page}");
    assert!(page.contains("[line withheld]") && page.contains("Call +49 30 1234 5678"), "{page}");
    let again = desk.look(&withhold, &form).await;
    assert!(again.contains("not in the text any more"), "nothing else is cut: {again}");

    let press = format!("project=parsley&mark={}&keep={}", field(&page, "mark"), field(&page, "keep"));
    desk.press(&forward, &press).await;
    stage.everything_due_happens().await;
    let letter = stage.only_mail_to(PARSLEY).text();
    assert!(!letter.contains("Kay Finch") && letter.contains("Call +49 30 1234 5678"), "{letter}");
    let case = desk.get(&format!("/cases/{number}")).await;
    assert!(case.contains("Kay Finch") && case.contains("line-withheld"), "members read all of it: {case}");
}

#[tokio::test]
async fn nothing_leaves_by_a_press_in_triage_while_a_line_is_in_doubt_or_after_a_look_at_something_else() {
    let stage = with_doubts().await;
    let desk = Desk::of(&stage).await;
    let number = stage.only_case().await.number;
    let forward = format!("/cases/{number}/forward");
    let page = desk.look(&forward, "project=parsley").await;
    assert!(page.contains("The text contains") && !page.contains("Not forwarded"), "a look comes first: {page}");
    let press = |page: &str, keep: &str| format!("project=parsley&mark={}&keep={keep}", field(page, "mark"));
    let undecided = desk.look(&forward, &press(&page, "")).await;
    assert!(undecided.contains("Decide about each marked line first"), "{undecided}");

    // Between the look and the press the reporter allows to be named.
    let link = token_in(&stage.only_mail_to(REPORTER), "/s/");
    let token = Token::read(Purpose::StatusLink, &link).unwrap();
    status::share(&stage.house, &token, Shares::NameAndAddress).await.unwrap().unwrap();
    let changed = desk.look(&forward, &press(&page, "")).await;
    assert!(changed.contains("What leaves has changed since you looked"), "{changed}");
    assert!(changed.contains("jane@reporter.example, with their consent"), "{changed}");
    assert!(changed.contains("Kay Finch") && !changed.contains("The text contains"), "nothing is asked then");
    stage.everything_due_happens().await;
    assert!(stage.mail_to(PARSLEY).is_empty());
    desk.press(&forward, &press(&changed, "")).await;
    stage.everything_due_happens().await;
    assert_eq!(stage.mail_to(PARSLEY).len(), 1);
}

/// Whether a letter is the one that was shown: the same but for what stands where the sheet has a "…".
fn is_shown_by(letter: &str, sheet: &Sheet) -> bool {
    let is_of_a_token = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut pieces = sheet.text.split('\u{2026}');
    let begin = letter.trim().strip_prefix(pieces.next().unwrap_or_default());
    let rest = pieces.try_fold(begin, |rest, piece| Some(rest?.trim_start_matches(is_of_a_token).strip_prefix(piece)));
    rest.flatten() == Some("")
}

#[tokio::test]
async fn each_contact_gets_the_mails_that_the_look_showed_word_for_word_and_no_other() {
    let stage = with_doubts().await;
    let receipt = stage.only_mail_to(REPORTER);
    let more = "It needs -O2 as well.\r\n";
    stage.mail_arrives(mail(REPORTER, "Re: Over-read", more).to(&reply_address(&receipt))).await;
    let desk = Desk::of(&stage).await;
    let case = stage.only_case().await;
    let step = stage.house.step();
    let parsley = step.policy.directory.projects.iter().find(|project| project.name == "Parsley").unwrap();
    let seen = look(&stage.house, &step, &case, &[parsley]).await.unwrap();
    let sheets = &seen.parts[0].sheets;
    assert_eq!(sheets.len(), 4, "two readers, of whom one gets links only; report and addition");
    let page = desk.get(&format!("/cases/{}/forward?project=parsley", case.number)).await;
    for words in ["gets a link, not the text", "The reporter added this since", "The mail to kim@parsley.example"] {
        assert!(page.contains(words), "{words} in {page}");
    }

    let forward = format!("/cases/{}/forward", case.number);
    desk.press(&forward, &format!("project=parsley&mark={}&keep=0.3,0.4", field(&page, "mark"))).await;
    stage.everything_due_happens().await;
    for contact in [PARSLEY, KIM] {
        let letters = stage.mail_to(contact);
        let shown: Vec<&Sheet> = sheets.iter().filter(|sheet| sheet.to.iter().any(|to| to == contact)).collect();
        assert_eq!((letters.len(), shown.len()), (2, 2), "{contact}");
        for letter in &letters {
            let is_it = |sheet: &&Sheet| letter.subject() == sheet.subject && is_shown_by(&letter.text(), sheet);
            assert_eq!(shown.iter().filter(|sheet| is_it(sheet)).count(), 1, "{}", letter.text());
        }
    }
}

#[tokio::test]
async fn several_projects_get_a_part_each_by_mail_or_by_hand_and_only_once() {
    let stage = with_doubts().await;
    let desk = Desk::of(&stage).await;
    let case = stage.only_case().await;
    let several = format!("/cases/{}/several", case.number);
    let triage = desk.get("/triage").await;
    assert!(triage.contains(&several) && triage.contains("Several projects…"), "triage leads there: {triage}");
    let choice = desk.get(&several).await;
    assert!(choice.contains("value=\"parsley\"") && choice.contains("value=\"savory\""), "{choice}");
    assert!(desk.get(&format!("{several}?")).await.contains("Select at least one project"));
    let address = format!("{several}?project=parsley&project=lovage");
    let look = desk.get(&address).await;
    for words in ["Forward to Parsley and Lovage", PARSLEY, "opens by hand", "The text contains", "Confirmed"] {
        assert!(look.contains(words), "{words} in {look}");
    }
    let press = |keep: &str| format!("project=parsley&project=lovage&mark={}&keep={keep}", field(&look, "mark"));
    let undecided = desk.look(&several, &press("")).await;
    assert!(undecided.contains("Decide about each marked line first"), "{undecided}");

    for _ in 0..2 {
        desk.press(&several, &press("0.3,0.4")).await;
    }
    stage.everything_due_happens().await;
    let handlings = stage.house.store.handlings_of(&case.id).await.unwrap();
    let parts: Vec<_> = handlings.iter().map(|row| (row.project.as_str(), row.state)).collect();
    assert_eq!(parts, [("lovage", HandlingState::ByHand), ("parsley", HandlingState::Sent)], "as suggested");
    stage.only_mail_to(PARSLEY);
    let events = stage.house.store.events_of(&case.id).await.unwrap();
    assert!(events.iter().all(|event| event.kind != "judge-corrected"), "the judge had named both");
    let refused = desk.look(&several, "project=rosemary&project=gone&keep=0.3,0.4").await;
    assert!(refused.contains("gone: There is no project") && refused.contains("has it now"), "{refused}");
}
