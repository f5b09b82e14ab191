//! Tells the demo's stories through the program itself: what people write, press and decide.

use anyhow::{Context, anyhow};
use jiff::SignedDuration;

use crate::domain::address::{Mailbox, Purpose, Token};
use crate::domain::case::Closing;
use crate::domain::contact_change::{AskedThrough, ChangeKind};
use crate::domain::directory::{Contact, DeliveryMode, Member, MemberRole, ProjectId};
use crate::domain::id::MessageId;
use crate::flows::composing::{Composed, To};
use crate::flows::contacts::Asked;
use crate::flows::{abuse, by_hand, closing, composing, contacts, members};
use crate::mail::write::transport::SentLetter;
use crate::store::CaseRow;

use super::security;
use super::stage::{Mail, Stage, reply_to, to_reporter};

pub const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Tells stories through the program.
pub struct Teller<'a>(pub &'a Stage);

impl Teller<'_> {
    /// Somebody reports something by mail.
    pub async fn report(&self, from: &str, subject: &str, text: &str) -> anyhow::Result<()> {
        let to = security(&self.0.house).to_string();
        self.arrives(&Mail { from, to: &to, subject, text, ..Mail::default() }).await?;
        // Past the hold, so that a forward leaves.
        self.passes(SignedDuration::from_mins(2)).await
    }

    pub async fn arrives(&self, mail: &Mail<'_>) -> anyhow::Result<()> {
        self.0.mail(mail).await.map_err(|wrong| anyhow!(wrong))?;
        Ok(self.0.everything_due_happens().await?)
    }

    /// The last letter to `recipient` about a case is answered.
    pub async fn answers(&self, recipient: &str, text: &str, is_proven: bool) -> anyhow::Result<()> {
        let letter = self.letter_to(recipient)?;
        self.answer_at(&letter, &reply_to(&letter), text, is_proven).await
    }

    /// A contact writes to the reporter, through us.
    pub async fn answers_the_reporter(&self, contact: &str, text: &str) -> anyhow::Result<()> {
        let letter = self.letter_to(contact)?;
        let to = to_reporter(&letter, &self.0.house).context("the letter names no address for the reporter")?;
        self.answer_at(&letter, &to, text, true).await
    }

    async fn answer_at(&self, letter: &SentLetter, to: &str, text: &str, is_proven: bool) -> anyhow::Result<()> {
        self.0.answer_letter(letter, to, text, is_proven).await.map_err(|wrong| anyhow!(wrong))?;
        self.0.everything_due_happens().await?;
        self.passes(SignedDuration::from_mins(2)).await
    }

    /// The last letter to `recipient` comes back: no such mailbox.
    pub async fn comes_back(&self, recipient: &str) -> anyhow::Result<()> {
        let letter = self.letter_to(recipient)?;
        let text = format!(
            "--dsn\n\nI could not deliver your message.\n--dsn\nContent-Type: message/delivery-status\n\n\
             Reporting-MTA: dns; mx.{}\n\nFinal-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\
             Diagnostic-Code: smtp; 550 5.1.1 no such user\n--dsn--\n",
            letter.recipient.domain(),
        );
        self.arrives(&Mail {
            from: &format!("mailer-daemon@{}", letter.recipient.domain()),
            to: letter.return_path.as_str(),
            subject: "Undelivered Mail Returned to Sender",
            headers: "Content-Type: multipart/report; report-type=delivery-status; boundary=dsn\r\n",
            text: &text,
            is_from_nobody: true,
            ..Mail::default()
        })
        .await?;
        self.passes(SignedDuration::from_mins(2)).await
    }

    /// The last letter to `recipient` about a case.
    fn letter_to(&self, recipient: &str) -> anyhow::Result<SentLetter> {
        self.letter(recipient, "-2026-")
    }

    /// The last letter to `recipient` with these words in its subject.
    fn letter(&self, recipient: &str, subject: &str) -> anyhow::Result<SentLetter> {
        let is_meant =
            |letter: &SentLetter| letter.recipient.as_str() == recipient && letter.subject().contains(subject);
        let found = self.0.mailboxes.sent().into_iter().rev().find(is_meant);
        found.with_context(|| format!("the demo wrote nothing about {subject} to {recipient}"))
    }

    /// A member takes the case whose title has these words.
    pub async fn claims(&self, role: MemberRole, title: &str) -> anyhow::Result<()> {
        let case = self.case(title).await?;
        members::claim(&self.0.house, &case.id, &self.member(role)).await?;
        Ok(())
    }

    /// A member writes into a lane of that case.
    pub async fn writes(&self, role: MemberRole, title: &str, to: To, words: &str) -> anyhow::Result<()> {
        let (case, house) = (self.case(title).await?, &self.0.house);
        let id = MessageId::new(house.now(), house.chance());
        let composed = Composed { id, to, words: words.to_owned(), passed_on_from: None, answers: false, closes: None };
        composing::send(house, &case.id, &composed, &self.member(role)).await?.map_err(|not| anyhow!(not))?;
        self.passes(SignedDuration::from_mins(2)).await
    }

    /// A member takes the case to a project that takes no mail.
    pub async fn takes_by_hand(&self, role: MemberRole, title: &str, project: &str) -> anyhow::Result<()> {
        let (case, project) = (self.case(title).await?, project_id(project)?);
        by_hand::take(&self.0.house, &case.id, &project, &self.member(role)).await?.map_err(|not| anyhow!(not))?;
        Ok(())
    }

    /// A member closes the case as no security problem, and says so to the reporter.
    pub async fn closes_as_no_problem(&self, role: MemberRole, title: &str, words: &str) -> anyhow::Result<()> {
        let (case, house) = (self.case(title).await?, &self.0.house);
        let wish = closing::Wish {
            id: MessageId::new(house.now(), house.chance()),
            reason: Closing::NotSecurity,
            words: words.to_owned(),
            duplicate_of: None,
            with_handlings: false,
        };
        closing::close(house, &case.id, &wish, &self.member(role)).await?.map_err(|not| anyhow!(not))?;
        self.passes(SignedDuration::from_mins(2)).await
    }

    /// A member warns a sender whose mail is in quarantine.
    pub async fn warns(&self, role: MemberRole, sender: &str) -> anyhow::Result<()> {
        let sender = mailbox(sender)?;
        abuse::warn(&self.0.house, &sender, &self.member(role)).await?.map_err(|not| anyhow!(not))?;
        Ok(self.0.everything_due_happens().await?)
    }

    /// A project asks for `new` in the place of its contact `old`, and the new mailbox proves itself.
    pub async fn asks_for_another_contact(
        &self,
        project: &str,
        old: &str,
        name: &str,
        new: &str,
    ) -> anyhow::Result<()> {
        let wanted = Contact {
            name: Some(name.to_owned()),
            email: mailbox(new)?,
            delivery: DeliveryMode::Full,
            is_list: false,
            is_deputy: false,
            away: Vec::new(),
            hours: None,
            zone: None,
            key: None,
        };
        let asked = Asked {
            project: project_id(project)?,
            kind: ChangeKind::Replace,
            old: Some(mailbox(old)?),
            wanted: Some(wanted),
            asked_by: name.to_owned(),
            note: Some("Carl has left the team.".to_owned()),
        };
        let house = &self.0.house;
        contacts::ask(house, asked, AskedThrough::Form).await?.map_err(|not| anyhow!(not))?;
        self.passes(HOUR).await?;
        let text = self.letter(new, "Confirm")?.text();
        let letters = text.split("/c/").nth(1).context("the letter has no link")?;
        let letters: String = letters.chars().take_while(char::is_ascii_alphanumeric).collect();
        let token = Token::read(Purpose::ContactLink, &letters).context("the link is not whole")?;
        contacts::confirm(house, &token).await?.context("the link is live")?;
        self.passes(HOUR).await
    }

    async fn case(&self, title: &str) -> anyhow::Result<CaseRow> {
        let cases = self.0.house.store.all_cases(100).await?;
        let found = cases.into_iter().map(|line| line.case).find(|case| case.title.contains(title));
        found.with_context(|| format!("the demo has no case about {title}"))
    }

    fn member(&self, role: MemberRole) -> Member {
        let policy = self.0.house.policy();
        let is_meant = |member: &&Member| member.role == role;
        policy.directory.committee.iter().find(is_meant).expect("the sample has a member of each role").clone()
    }

    pub async fn passes(&self, time: SignedDuration) -> anyhow::Result<()> {
        Ok(self.0.passes(time).await?)
    }
}

/// A project of the sample.
pub fn project_id(id: &str) -> anyhow::Result<ProjectId> {
    ProjectId::parse(id).with_context(|| format!("{id} is no project id"))
}

fn mailbox(text: &str) -> anyhow::Result<Mailbox> {
    Mailbox::parse(text).map_err(|wrong| anyhow!(wrong))
}
