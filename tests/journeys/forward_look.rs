//! The look before a forward: who gets it, what leaves of the report, lines that may still tell who wrote it; and several
//! projects at once.

use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::handling::HandlingState;
use fingerpost::domain::party::Shares;
use fingerpost::flows::status;
use jiff::SignedDuration;

use crate::noise::{Desk, field};
use crate::stage::{Stage, mail, token_in};

const PARSLEY: &str = "security@parsley.example";

/// A report with two lines that name somebody who stands in no header.
async fn with_doubts() -> Stage {
    let stage = Stage::with(|directory| {
        directory.routing.auto_forward = AutoForward::Off;
        directory.routing.hold = SignedDuration::ZERO;
    })
    .await;
    let text = "A crafted table makes Parsley and Lovage read past the end of a buffer.\r\n\
                Credit: Kay Finch\r\nCall +49 30 1234 5678\r\nIt happens in 2.1 and in 2.0.\r\n";
    stage.mail_arrives(mail("jane@reporter.example", "Over-read in Parsley 2.1", text)).await;
    stage
}

#[tokio::test]
async fn a_line_that_may_tell_who_wrote_it_is_withheld_by_one_press_and_another_is_kept() {
    let stage = with_doubts().await;
    let desk = Desk::of(&stage).await;
    let number = stage.only_case().await.number;
    let preview = format!("/cases/{number}/forward?project=parsley");
    let page = desk.get(&preview).await;
    assert!(page.contains("The text contains “Credit: Kay Finch”") && page.contains("“Call +49 30"), "{page}");
    assert!(page.contains("name withheld, replies go through us"), "{page}");

    let (report, line) = (field(&page, "report"), field(&page, "line"));
    let kept = format!("{preview}&keep=0.{}", line.parse::<usize>().unwrap() + 1);
    let form = format!("report={report}&line={line}&text=Credit%3A+Kay+Finch&back={}", kept.replace('&', "%26"));
    let withhold = format!("/cases/{number}/withhold");
    assert_eq!(desk.press(&withhold, &form).await, kept, "what was kept stays kept");
    let page = desk.get(&kept).await;
    assert!(!page.contains("Kay Finch") && !page.contains("The text contains"), "{page}");
    assert!(page.contains("[line withheld]") && page.contains("Call +49 30 1234 5678"), "{page}");
    let again = desk.look(&withhold, &form).await;
    assert!(again.contains("not in the text any more"), "nothing else is cut: {again}");

    desk.press(&format!("/cases/{number}/forward"), "project=parsley").await;
    stage.everything_due_happens().await;
    let forward = stage.only_mail_to(PARSLEY).text();
    assert!(!forward.contains("Kay Finch") && forward.contains("Call +49 30 1234 5678"), "{forward}");
    let case = desk.get(&format!("/cases/{number}")).await;
    assert!(case.contains("Kay Finch") && case.contains("line-withheld"), "members read all of it: {case}");
}

#[tokio::test]
async fn the_look_shows_what_a_reporter_allows_and_asks_nothing_then() {
    let stage = with_doubts().await;
    let desk = Desk::of(&stage).await;
    let number = stage.only_case().await.number;
    let link = token_in(&stage.only_mail_to("jane@reporter.example"), "/s/");
    let token =
        fingerpost::domain::address::Token::read(fingerpost::domain::address::Purpose::StatusLink, &link).unwrap();
    status::share(&stage.house, &token, Shares::NameAndAddress).await.unwrap().unwrap();
    let page = desk.get(&format!("/cases/{number}/forward?project=parsley")).await;
    assert!(page.contains("jane@reporter.example, with their consent"), "{page}");
    assert!(page.contains("Kay Finch") && !page.contains("The text contains"), "{page}");
}

#[tokio::test]
async fn several_projects_get_a_part_each_by_mail_or_by_hand_and_only_once() {
    let stage = with_doubts().await;
    let desk = Desk::of(&stage).await;
    let case = stage.only_case().await;
    let several = format!("/cases/{}/several", case.number);
    assert!(desk.get("/triage").await.contains(&several), "triage leads there");
    let choice = desk.get(&several).await;
    assert!(choice.contains("value=\"parsley\"") && choice.contains("value=\"savory\""), "{choice}");
    assert!(desk.get(&format!("{several}?")).await.contains("Select at least one project"));
    let look = desk.get(&format!("{several}?project=parsley&project=lovage")).await;
    for words in ["Forward to Parsley and Lovage", PARSLEY, "opens by hand", "The text contains", "Confirmed"] {
        assert!(look.contains(words), "{words} in {look}");
    }

    for _ in 0..2 {
        desk.press(&several, "project=parsley&project=lovage").await;
    }
    stage.everything_due_happens().await;
    let handlings = stage.house.store.handlings_of(&case.id).await.unwrap();
    let parts: Vec<_> = handlings.iter().map(|row| (row.project.as_str(), row.state)).collect();
    assert_eq!(parts, [("parsley", HandlingState::Sent), ("lovage", HandlingState::ByHand)]);
    stage.only_mail_to(PARSLEY);
    let refused = desk.look(&several, "project=rosemary&project=gone").await;
    assert!(refused.contains("gone: There is no project") && refused.contains("has it now"), "{refused}");
}
