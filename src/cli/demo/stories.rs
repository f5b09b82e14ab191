//! Eight days of the sample foundation, played through the program itself before the demo opens.

use crate::domain::directory::MemberRole::{Chair, Member, Secretary};
use crate::flows::composing::To;

use super::security;
use super::stage::{Mail, Stage};
use super::teller::{HOUR, Teller, project_id};

/// Plays the stories in the order they happened: at their end each state that a case can be in is there to be seen.
pub async fn play(stage: &Stage) -> anyhow::Result<()> {
    let teller = Teller(stage);
    a_conversation(&teller).await?; // Thursday
    a_silent_project(&teller).await?; // Friday and Saturday
    one_that_is_due_soon(&teller).await?; // Sunday
    a_contact_that_is_gone(&teller).await?; // Monday
    a_sender_of_spam(&teller).await?; // Tuesday
    by_hand_and_a_changing_contact(&teller).await?; // Wednesday
    what_only_a_person_can_place(&teller).await?; // Thursday
    one_that_has_just_come(&teller).await?; // Friday
    stage.has_seen_everything();
    Ok(())
}

/// Lantern answers within hours, writes to the reporter, and the committee follows: three lanes.
async fn a_conversation(teller: &Teller<'_>) -> anyhow::Result<()> {
    let title = "Heap overflow in Lantern 4.0";
    teller
        .report(
            "Ivo Brandt <ivo@brandt.example>",
            "Heap overflow in Lantern 4.0 when a palette is empty",
            "Hello,\n\nLantern 4.0 writes past its buffer when a figure is saved with an empty palette.\n\n\
             To reproduce:\n  import lantern.figure\n  lantern.figure.new(palette=[]).save(\"x.png\")\n\nBest regards,\n\
             Ivo Brandt\n",
        )
        .await?;
    teller.passes(HOUR * 3).await?;
    let lantern = "security@lantern.example";
    teller.answers_the_reporter(lantern, "Thank you, we can see it here. Does it need libpng 1.6?").await?;
    teller.answers(lantern, "Confirmed, we are working on a fix for 4.0.1.", true).await?;
    teller.passes(HOUR * 2).await?;
    teller.answers("ivo@brandt.example", "No, it happens with 1.5 as well.", true).await?;
    teller.claims(Member, title).await?;
    teller.writes(Member, title, To::Committee, "Lantern plans 4.0.1 within two weeks. Ask Ivo about credit.").await?;
    let to_lantern = To::Project(project_id("lantern")?);
    teller.writes(Member, title, to_lantern, "Which day do you have in mind for 4.0.1?").await?;
    teller
        .writes(
            Member,
            title,
            To::Reporter,
            "Lantern has a fix in review. How would you like to be named when it is out?",
        )
        .await
}

/// Ledger promises an answer within three days and gives none that proves whose it is: the board hears of it.
async fn a_silent_project(teller: &Teller<'_>) -> anyhow::Result<()> {
    teller.passes(HOUR * 18).await?;
    teller
        .report(
            "lea@quiet.example",
            "Vulnerability in Northlight Ledger 2.3: import of a bank file runs its formulas",
            "A vulnerability in Northlight Ledger 2.3 lets a bank statement run commands when it is imported by \
             nl-ledger.\n",
        )
        .await?;
    teller.passes(HOUR * 20).await?;
    teller.answers("ines@ledger.northlight.example", "We will look at it next week.", false).await?;
    // An out-of-office note, which is filed and stops nothing.
    let to = security(&teller.0.house).to_string();
    teller
        .arrives(&Mail {
            from: "bo@ledger.northlight.example",
            to: &to,
            subject: "Out of office: Security report for Northlight Ledger",
            headers: "Auto-Submitted: auto-replied\r\n",
            text: "I am back on Monday.\n",
            ..Mail::default()
        })
        .await
}

async fn one_that_is_due_soon(teller: &Teller<'_>) -> anyhow::Result<()> {
    teller.passes(HOUR * 29).await?;
    teller
        .report(
            "sade@fuzzing.example",
            "Parsely 1.2: a grammar with a left recursion never ends",
            "A vulnerability in parsely_core 1.2: a grammar of forty bytes keeps the parser busy for hours.\n",
        )
        .await
}

/// The first contact of Hedgerow is gone: its letter comes back, and the deputy is told at once.
async fn a_contact_that_is_gone(teller: &Teller<'_>) -> anyhow::Result<()> {
    teller.passes(HOUR * 22).await?;
    teller
        .report(
            "research@fenwick.example",
            "Hedgerow 1.8: a crafted rule name escapes the sandbox",
            "Vulnerability in Hedgerow 1.8. A rule name with a slash makes hedgerowd write outside of its folder.\n",
        )
        .await?;
    teller.comes_back("oncall@hedgerow.example").await?;
    teller.passes(HOUR * 4).await?;
    teller.answers("leila@hedgerow.example", "I have it. On-call is reading a new address now.", true).await
}

/// Advertising waits in quarantine, unanswered; its sender is warned, and goes on.
async fn a_sender_of_spam(teller: &Teller<'_>) -> anyhow::Result<()> {
    teller.passes(HOUR * 18).await?;
    let to = security(&teller.0.house).to_string();
    let offers = [
        (
            "SPECIAL OFFER FOR YOUR WEBSITE!!",
            "Rank first in all search engines. Limited time offer, act now, only $99.",
        ),
        ("YOUR WEBSITE IS NOT RANKING!!", "We saw your site. Click here for a free trial, no obligation, only $49."),
    ];
    for (subject, offer) in offers {
        let text =
            format!("Dear owner,\n\n{offer}\nhttps://bargain.example/seo\n\nTo be removed, reply unsubscribe.\n");
        teller.arrives(&Mail { from: SPAMMER, to: &to, subject, text: &text, ..Mail::default() }).await?;
    }
    teller.warns(Secretary, SPAMMER).await?;
    teller.passes(HOUR * 6).await?;
    let text = "Dear owner,\n\nOrder now and save. Special offer, limited time, only $29.\nhttps://bargain.example/seo\n\n\
                To be removed, reply unsubscribe.\n";
    teller.arrives(&Mail { from: SPAMMER, to: &to, subject: "LAST CHANCE!!", text, ..Mail::default() }).await
}

const SPAMMER: &str = "deals@bargain.example";

/// Patchwork takes reports on its code host, and Inkwell wants another contact.
async fn by_hand_and_a_changing_contact(teller: &Teller<'_>) -> anyhow::Result<()> {
    teller.passes(HOUR * 14).await?;
    teller
        .report(
            "ana@pixel.example",
            "Out-of-bounds read in Patchwork Imaging 3.2",
            "Patchwork Imaging 3.2 reads past the end of a TIFF with no strips. Vulnerability in patchwork.codecs.\n",
        )
        .await?;
    teller.takes_by_hand(Secretary, "Patchwork Imaging 3.2", "patchwork").await?;
    teller.asks_for_another_contact("inkwell", "carl@inkwell.example", "Nadia Roth", "nadia@inkwell.example").await
}

async fn what_only_a_person_can_place(teller: &Teller<'_>) -> anyhow::Result<()> {
    teller.passes(HOUR * 22).await?;
    teller
        .report(
            "kim@somewhere.example",
            "Something is wrong with your login",
            "Hi, I can log in as somebody else if I change the number in the address. Whom do I tell?\n",
        )
        .await?;
    teller
        .report(
            "noor@cipher.example",
            "Encrypted report",
            "-----BEGIN PGP MESSAGE-----\n\nhQEMA5x0b3J0aCBtYXJrZXIgb25seQEH/2RlbW8=\n-----END PGP MESSAGE-----\n",
        )
        .await?;
    let question = "How do I change the color of a legend?";
    teller
        .report(
            "pat@classroom.example",
            question,
            "I use your plotting library in class. How can the legend be blue?\n",
        )
        .await?;
    let words = "This mailbox is for security problems only, so we close this here. The people at \
                 https://lantern.example/help can tell you.";
    teller.closes_as_no_problem(Chair, question, words).await
}

async fn one_that_has_just_come(teller: &Teller<'_>) -> anyhow::Result<()> {
    teller.passes(HOUR * 17).await?;
    teller
        .report(
            "mo@fuzzing.example",
            "XSS in Inkwell 7.1: pasted tables keep their event handlers",
            "A vulnerability in Inkwell 7.1 (inkwell-paste): a pasted table keeps onerror attributes, so a document \
             runs script.\n",
        )
        .await?;
    teller.passes(HOUR * 19).await
}
