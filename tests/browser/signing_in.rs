//! A member signs in by the code of the mail, looks at their own page, and steps aside from a case.

use crate::stage::{Script, Stage, play};

const CHAIR: &str = "mara@northlight.example";

async fn by_the_code(stage: &Stage) {
    stage.looks_at("/login").await;
    stage.types("Your email address", CHAIR).await;
    stage.goes("Send me a link and a code").await;
    stage.opens_letter(CHAIR, "Your sign-in link").await;
    let letter = stage.text().await;
    let code = letter.lines().skip_while(|line| !line.contains("or type, where you asked:")).nth(1).unwrap().to_owned();
    stage.looks_at("/login/code").await;
    stage.types("Code from the mail", "WRONG").await;
    stage.goes("Sign in").await;
    stage.sees("That code does not work").await;
    stage.types("Code from the mail", &code.to_ascii_lowercase()).await;
    stage.goes("Sign in").await;
    stage.sees("At risk now").await;

    stage.looks_at("/me").await;
    stage.sees("this one").await;
    stage.types("Time zone of the pages", "Asia/Tokyo").await;
    stage.goes("Save").await;
    stage.sees("JST").await;

    stage.looks_at("/triage").await;
    stage.goes("Something is wrong with your login").await;
    let case = stage.path().await;
    stage.goes("Conflict of interest …").await;
    stage.types("Why you step aside", "My own account.").await;
    stage.goes(&format!("Step aside from {}", case.rsplit('/').next().unwrap())).await;
    stage.sees("At risk now").await;
    stage.looks_at("/triage").await;
    assert!(!stage.text().await.contains("Something is wrong with your login"));
    stage.looks_at(&case).await;
    stage.sees("There is nothing at this address.").await;
}

#[test]
fn a_member_signs_in_by_the_code_of_the_mail_and_steps_aside_from_a_case() {
    play(Script::On, by_the_code);
}

#[test]
fn the_same_works_with_script_switched_off() {
    play(Script::Off, by_the_code);
}
