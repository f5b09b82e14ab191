//! A maintainer proposes a project from its SECURITY.md, proves the mailbox, and the committee settles it.

use crate::stage::{Script, Stage, play};

const MAILBOX: &str = "security@quill.example";

const FILE: &str = "# Security policy of Quill\n\nWrite to security@quill.example. We answer within 3 days.";

async fn a_proposal(stage: &Stage) {
    stage.looks_at("/projects").await;
    stage.goes("Propose it").await;
    stage.an_hour_passes();
    stage.find("//summary[starts-with(., 'Fill from')]").await.click().await.unwrap();
    stage.types("Or paste its text", FILE).await;
    stage.goes("Fill in").await;
    stage.sees("Filled in from your SECURITY.md").await;
    stage.types("Name", "Quill").await;
    stage.goes("Propose this project").await;
    stage.sees("There is a problem").await;
    stage.types("Your name", "Noor Haddad").await;
    stage.an_hour_passes();
    stage.goes("Propose this project").await;
    stage.sees("We have your proposal of Quill.").await;

    stage.opens_letter(MAILBOX, "Quill").await;
    stage.find("//main//pre//a[starts-with(@href, '/c/')]").await.click().await.unwrap();
    stage.goes("Confirm").await;
    stage.sees("Thank you").await;

    stage.sign_in().await;
    stage.looks_at("/proposals").await;
    stage.goes("Quill").await;
    stage.sees("[[project]]").await;
    stage.sees(MAILBOX).await;
    stage.goes("It is in projects.toml").await;
    stage.sees("projects.toml has no project `quill` yet").await;
    stage.goes("Back").await;
    stage.ticks("It is not a project of ours.").await;
    stage.goes("Decline").await;
    stage.sees("Nothing waits.").await;
    stage.an_hour_passes();
    stage.comes_to_see("/demo/mail?of=security%40quill.example", "Quill").await;
    stage.opens_letter_saying(MAILBOX, "not a project of ours").await;
}

#[test]
fn a_project_is_proposed_from_its_own_file_and_settled() {
    play(Script::On, a_proposal);
}

#[test]
fn the_same_works_with_script_switched_off() {
    play(Script::Off, a_proposal);
}
