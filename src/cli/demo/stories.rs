//! Eight days of the sample foundation, played through the program itself before the demo opens.

use anyhow::anyhow;
use jiff::SignedDuration;

use crate::domain::delivery::Delivery;
use crate::flows::members;
use crate::mail::write::transport::SentLetter;

use super::security;
use super::stage::{Mail, Stage, reply_to};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Plays the stories in the order they happened.
pub async fn play(stage: &Stage) -> anyhow::Result<()> {
    let teller = Teller { stage };

    // Thursday: Lantern answers within hours.
    teller.report(
        "Ivo Brandt <ivo@brandt.example>",
        "Heap overflow in Lantern 4.0 when a palette is empty",
        "Hello,\n\nLantern 4.0 writes past its buffer when a figure is saved with an empty palette.\n\n\
         To reproduce:\n  import lantern.figure\n  lantern.figure.new(palette=[]).save(\"x.png\")\n\nBest regards,\nIvo Brandt\n",
    ).await?;
    teller.passes(HOUR * 3).await?;
    teller.answers("security@lantern.example", "Confirmed, we are working on a fix for 4.0.1.", true).await?;
    teller.member_answered().await?;

    // Friday: a report that its project leaves unanswered, and an answer that nothing proves.
    teller.passes(HOUR * 21).await?;
    teller.report(
        "lea@quiet.example",
        "Vulnerability in Northlight Ledger 2.3: import of a bank file runs its formulas",
        "A vulnerability in Northlight Ledger 2.3 lets a bank statement run commands when it is imported by nl-ledger.\n",
    ).await?;
    teller.passes(HOUR * 20).await?;
    teller.answers("ines@ledger.northlight.example", "We will look at it next week.", false).await?;

    // Monday: the first contact of Hedgerow bounces, and the deputy is told at once.
    teller.passes(HOUR * 50).await?;
    let oncall = crate::domain::address::Mailbox::parse("oncall@hedgerow.example").map_err(|wrong| anyhow!(wrong))?;
    stage.mailboxes.answer_all(
        Some(oncall),
        Delivery::Refused { status: "5.1.1".to_owned(), answer: "550 5.1.1 no such user".to_owned() },
    );
    teller
        .report(
            "research@fenwick.example",
            "Hedgerow 1.8: a crafted rule name escapes the sandbox",
            "Vulnerability in Hedgerow 1.8. A rule name with a slash makes hedgerowd write outside of its folder.\n",
        )
        .await?;
    stage.mailboxes.heal();

    // Thursday: what only a person can place.
    teller.passes(HOUR * 72).await?;
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
    teller
        .report(
            "ana@pixel.example",
            "Out-of-bounds read in Patchwork Imaging 3.2",
            "Patchwork Imaging 3.2 reads past the end of a TIFF with no strips. Vulnerability in patchwork.codecs.\n",
        )
        .await?;
    teller.automatic().await?;

    // Friday: one that its project has just got.
    teller.passes(HOUR * 20).await?;
    teller.report(
        "mo@fuzzing.example",
        "XSS in Inkwell 7.1: pasted tables keep their event handlers",
        "A vulnerability in Inkwell 7.1 (inkwell-paste): a pasted table keeps onerror attributes, so a document runs script.\n",
    ).await?;
    teller.passes(HOUR * 11).await
}

/// Tells stories through the program.
struct Teller<'a> {
    stage: &'a Stage,
}

impl Teller<'_> {
    async fn report(&self, from: &str, subject: &str, text: &str) -> anyhow::Result<()> {
        let to = security(&self.stage.house).to_string();
        self.arrives(&Mail { from, to: &to, subject, headers: "", text, is_proven: true }).await?;
        // Past the hold, so that a forward leaves.
        self.passes(SignedDuration::from_mins(2)).await
    }

    /// An out-of-office note, which is filed and stops nothing.
    async fn automatic(&self) -> anyhow::Result<()> {
        let to = security(&self.stage.house).to_string();
        self.arrives(&Mail {
            from: "bo@ledger.northlight.example",
            to: &to,
            subject: "Out of office: Security report for Northlight Ledger",
            headers: "Auto-Submitted: auto-replied\r\n",
            text: "I am back on Monday.\n",
            is_proven: true,
        })
        .await
    }

    async fn arrives(&self, mail: &Mail<'_>) -> anyhow::Result<()> {
        self.stage.mail(mail).await.map_err(|wrong| anyhow!(wrong))?;
        Ok(self.stage.everything_due_happens().await?)
    }

    /// The first letter to `contact` is answered.
    async fn answers(&self, contact: &str, text: &str, is_proven: bool) -> anyhow::Result<()> {
        let letters = self.stage.mailboxes.sent();
        let is_theirs = |letter: &&SentLetter| letter.recipient.as_str() == contact;
        let letter = letters.iter().find(is_theirs).ok_or_else(|| anyhow!("the demo wrote nothing to {contact}"))?;
        self.stage.answer_letter(letter, &reply_to(letter), text, is_proven).await.map_err(|wrong| anyhow!(wrong))?;
        Ok(self.stage.everything_due_happens().await?)
    }

    /// The chair has written to the first reporter and notes it.
    async fn member_answered(&self) -> anyhow::Result<()> {
        let house = &self.stage.house;
        let chair = house.policy().directory.committee[0].clone();
        let first = house.store.all_cases(1, None).await?.remove(0).case;
        members::claim(house, &first.id, &chair).await?;
        members::note_answered(house, &first.id, &chair).await?;
        Ok(())
    }

    async fn passes(&self, time: SignedDuration) -> anyhow::Result<()> {
        Ok(self.stage.passes(time).await?)
    }
}
