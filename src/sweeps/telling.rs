//! Whom a due step tells: contacts and reporters at once, members and the board in one letter each for all of a case.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::clock::{ClockKind, PROGRESS_REVIEW, SILENCE_REVIEW};
use crate::domain::directory::{Member, MemberRole, Tell};
use crate::domain::id::CaseId;
use crate::domain::ladder::{self, Due, reminder_at};
use crate::domain::letter::LetterKind;
use crate::domain::party::{Party, PartyRole};
use crate::flows::forward::{self, Part};
use crate::flows::project_part::ProjectPart;
use crate::flows::writing::{self, NewLetter};
use crate::flows::{House, Step, escalating, reminding};
use crate::mail::write::letters::Words;
use crate::mail::write::letters::escalation::Breach;
use crate::mail::write::letters::member_reminder::{Matter, MemberReminder, Waiting, member_reminder};
use crate::mail::write::letters::reminder::ContactSilence;
use crate::mail::write::letters::silence::{Silence, SilenceKind, silence};
use crate::store::{CaseRow, StoreError, Tx};
use crate::sweeps::clocks::Running;

/// What one sweep has to say about one case.
pub struct Telling<'a> {
    house: &'a House,
    step: &'a Step,
    case: CaseRow,
    /// Those of the committee from whom the case is not kept.
    readers: Vec<Member>,
    /// By member, in the order of the clocks.
    matters: Vec<(Mailbox, Vec<Matter>)>,
    breaches: Vec<Breach>,
}

impl<'a> Telling<'a> {
    pub fn about(house: &'a House, step: &'a Step, case: CaseRow, readers: Vec<Member>) -> Self {
        Self { house, step, case, readers, matters: Vec::new(), breaches: Vec::new() }
    }

    /// Tells everybody whom the step of this clock tells.
    pub async fn tell(&mut self, tx: &mut Tx<'_>, clock: &Running, due: &Due<'_>) -> Result<(), StoreError> {
        let of = ProjectPart::of(tx, self.step, &self.case.id, clock.row.handling.as_ref()).await?;
        if due.tells_the_board() {
            self.tell_the_board(tx, clock, of.as_ref()).await?;
        }
        let is_by_mail = of.as_ref().is_some_and(ProjectPart::is_by_mail);
        for whom in &due.step.tell {
            match (whom, &of) {
                // The board's step has reminded them.
                (Tell::Contacts, Some(_)) if is_by_mail && due.tells_the_board() => {}
                (Tell::Contacts, Some(of)) if is_by_mail && !of.reachable().is_empty() => {
                    self.remind_the_contacts(tx, clock, of, Some(due.step)).await?;
                }
                (Tell::Deputies, Some(of)) if is_by_mail => self.call_the_deputies(tx, clock, of).await?,
                // Where nobody reads mail for the project, the committee does what its contacts would be asked.
                (Tell::Contacts | Tell::Deputies | Tell::Committee, _) => {
                    self.note_for(&self.committee(), clock, of.as_ref(), due.step);
                }
                (Tell::Owner, _) => self.note_for(&self.owner_or_chair(clock), clock, of.as_ref(), due.step),
                (Tell::Chair, _) => self.note_for(&self.chair(), clock, of.as_ref(), due.step),
                (Tell::Board, _) => {}
            }
        }
        if clock.row.clock.kind != ClockKind::Progress || due.step.at != PROGRESS_REVIEW {
            return Ok(());
        }
        let since = clock.row.clock.started_at;
        match of {
            Some(of) => self.tell_the_reporters(tx, &of.name(), SilenceKind::NoNews { since }).await,
            None => self.tell_the_reporters(tx, "", SilenceKind::NoNewsFromUs { since }).await,
        }
    }

    /// The follow-up has waited for the reporter in vain since `since`: a member decides what becomes of it.
    pub async fn reporter_is_silent(
        &mut self,
        tx: &mut Tx<'_>,
        clock: &Running,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let of = ProjectPart::of(tx, self.step, &self.case.id, clock.row.handling.as_ref()).await?;
        let project = of.map(|of| of.name());
        let matter =
            Matter { what: Waiting::Reporter { project, since }, next: next_after(clock, clock.row.clock.told) };
        self.put(&self.owner_or_chair(clock), &matter);
        Ok(())
    }

    /// The board hears of the silence, the contacts are reminded in the same transaction, and the reporter is told.
    async fn tell_the_board(
        &mut self,
        tx: &mut Tx<'_>,
        clock: &Running,
        of: Option<&ProjectPart>,
    ) -> Result<(), StoreError> {
        let promised = clock.row.clock.target;
        let Some(of) = of else {
            self.breaches.push(Breach::FirstReply { promised });
            return Ok(());
        };
        let reminded_at = of.reminded_at();
        if of.is_by_mail() {
            self.remind_the_contacts(tx, clock, of, None).await?;
        }
        let asked_at = of.row.decided_at;
        let kind = SilenceKind::NotConfirmed { asked_at, promised, reminded_at: &reminded_at };
        self.tell_the_reporters(tx, &of.name(), kind).await?;
        // A project comes before the committee's own breach, for it is what the board can help with.
        let own = self.breaches.iter().position(|breach| matches!(breach, Breach::FirstReply { .. }));
        let breach = Breach::Project {
            name: of.name(),
            promised,
            forwarded_at: asked_at,
            reminded_at,
            contacts: of.contacts.len(),
            bounced: of.bounced(),
        };
        self.breaches.insert(own.unwrap_or(self.breaches.len()), breach);
        Ok(())
    }

    /// Reminds every contact that can be reached; at the board step (`None`) at once, else in its working hours.
    async fn remind_the_contacts(
        &self,
        tx: &mut Tx<'_>,
        clock: &Running,
        of: &ProjectPart,
        at_step: Option<&ladder::Step>,
    ) -> Result<(), StoreError> {
        let next: Vec<(&'static str, Timestamp)> = match at_step {
            // What comes above the board is the committee's own work.
            Some(step) => reminding::up_to_the_board(clock.above(step.at)),
            None => Vec::new(),
        };
        let reachable = of.reachable();
        for party in &reachable {
            let leaves = match at_step {
                Some(_) => self.leaves(of, party, next.first().map(|(_, at)| *at)),
                None => self.step.now,
            };
            let silence = contact_silence(clock, at_step, leaves);
            let words = reminding::words(self.house, self.step, &self.case.number, of, party, silence, &next);
            let letter = (LetterKind::Reminder, &words, None);
            writing::to_party_at(tx, self.house, self.step, self.numbered(), party, letter, leaves).await?;
        }
        Ok(())
    }

    fn leaves(&self, of: &ProjectPart, party: &Party, next_step: Option<Timestamp>) -> Timestamp {
        let contacts = of.project.iter().flat_map(|project| &project.contacts);
        let contact = contacts.into_iter().find(|contact| Some(&contact.email) == party.mailbox.as_ref());
        contact.map_or(self.step.now, |contact| reminder_at(contact, self.step.now, next_step))
    }

    /// Deputies who do not have the report yet get it.
    async fn call_the_deputies(&self, tx: &mut Tx<'_>, clock: &Running, of: &ProjectPart) -> Result<(), StoreError> {
        let Some(project) = &of.project else { return Ok(()) };
        let confirm_by = Some(clock.row.clock.due_at);
        let part = Part { case: &self.case.id, handling: &of.row.id, project, confirm_by };
        for deputy in project.contacts.iter().filter(|contact| contact.is_deputy) {
            if !of.contacts.iter().any(|party| party.mailbox.as_ref() == Some(&deputy.email)) {
                forward::write_to(tx, self.house, self.step, &part, deputy).await?;
            }
        }
        Ok(())
    }

    /// Writes to the reporters that can be written to: nobody is told by a machine whose address may be forged and who
    /// had no letter of ours before, and no machine is told at all (RFC 3834).
    async fn tell_the_reporters(
        &self,
        tx: &mut Tx<'_>,
        project: &str,
        kind: SilenceKind<'_>,
    ) -> Result<(), StoreError> {
        let reports = tx.reports_of(&self.case.id).await?;
        let parties = tx.parties_of(&self.case.id).await?;
        for reporter in parties.into_iter().filter(|party| party.role == PartyRole::Reporter) {
            let mut own = reports.iter().filter(|report| report.party == reporter.id);
            let letters = tx.letters_to(&self.case.id, &reporter.id).await?;
            let is_known = letters.iter().any(|letter| letter.sent_at.is_some());
            if !own.all(|report| report.automatic.is_none() && (report.proven || is_known)) {
                continue;
            }
            let words = silence(&Silence {
                case: &self.case.number,
                project,
                org: &self.step.policy.directory.foundation.name,
                kind,
                status_link: &self.house.status_url(&reporter),
            });
            let letter = (LetterKind::Silence, &words, None);
            writing::to_party(tx, self.house, self.step, self.numbered(), &reporter, letter).await?;
        }
        Ok(())
    }

    fn note_for(&mut self, members: &[Mailbox], clock: &Running, of: Option<&ProjectPart>, step: &ladder::Step) {
        let matter = Matter { what: self.waiting(clock, of, step), next: next_after(clock, step.at) };
        self.put(members, &matter);
    }

    fn put(&mut self, members: &[Mailbox], matter: &Matter) {
        for member in members {
            match self.matters.iter_mut().find(|(other, _)| other == member) {
                Some((_, matters)) if matters.contains(matter) => {}
                Some((_, matters)) => matters.push(matter.clone()),
                None => self.matters.push((member.clone(), vec![matter.clone()])),
            }
        }
    }

    fn waiting(&self, clock: &Running, of: Option<&ProjectPart>, step: &ladder::Step) -> Waiting {
        match of {
            Some(of) if clock.row.clock.kind == ClockKind::Acknowledge && step.at >= SILENCE_REVIEW => {
                let (case, project) = (&self.case.number, &of.row.project);
                let attempts = format!("{}/cases/{case}/attempts/{project}", self.house.public_url);
                Waiting::Unmaintained { project: of.name(), since: of.row.decided_at, attempts }
            }
            of => waiting(clock, of, self.step.now),
        }
    }

    /// What was gathered for members and the board leaves as one letter each.
    pub async fn write_letters(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let case_link = format!("{}/cases/{}", self.house.public_url, self.case.number);
        for (member, matters) in &self.matters {
            let words = member_reminder(&MemberReminder { case: &self.case.number, matters, case_link: &case_link });
            let new = self.letter(LetterKind::MemberReminder, member, &words);
            writing::put(tx, self.house, self.step, new).await?;
        }
        if self.breaches.is_empty() {
            return Ok(());
        }
        escalating::write(tx, self.house, self.step, &self.case, &self.breaches).await
    }

    fn letter<'l>(&'l self, kind: LetterKind, to: &'l Mailbox, words: &'l Words) -> NewLetter<'l> {
        NewLetter {
            kind,
            to,
            reply_to: None,
            words,
            case: Some(self.numbered()),
            handling: None,
            party: None,
            said_in: None,
            references: &[],
        }
    }

    fn numbered(&self) -> (&CaseId, &CaseRef) {
        (&self.case.id, &self.case.number)
    }

    fn committee(&self) -> Vec<Mailbox> {
        self.readers.iter().map(|member| member.email.clone()).collect()
    }

    fn with_role(&self, role: MemberRole) -> Vec<Mailbox> {
        let members = self.readers.iter().filter(|member| member.role == role);
        members.map(|member| member.email.clone()).collect()
    }

    /// The chair; without one the secretary, without both everybody.
    fn chair(&self) -> Vec<Mailbox> {
        let found = [MemberRole::Chair, MemberRole::Secretary].map(|role| self.with_role(role));
        found.into_iter().find(|members| !members.is_empty()).unwrap_or_else(|| self.committee())
    }

    /// Who claimed the case; for a promise else the chair, for a follow-up else everybody.
    fn owner_or_chair(&self, clock: &Running) -> Vec<Mailbox> {
        let is_member = |owner: &&Mailbox| self.readers.iter().any(|member| member.email == **owner);
        match (self.case.owner.as_ref().filter(is_member), clock.row.clock.kind) {
            (Some(owner), _) => vec![owner.clone()],
            (None, ClockKind::FirstReply | ClockKind::Acknowledge) => self.chair(),
            (None, ClockKind::Triage | ClockKind::Progress) => self.committee(),
        }
    }
}

/// Who is told after the step at `told`, and when.
fn next_after(clock: &Running, told: SignedDuration) -> Option<(String, Timestamp)> {
    clock.above(told).into_iter().next().map(|(at, step)| (step.whom().to_owned(), at))
}

/// What a contact has not said. `leaves` is when the letter does, for what is left is counted from there.
fn contact_silence(clock: &Running, at_step: Option<&ladder::Step>, leaves: Timestamp) -> ContactSilence {
    let clock = &clock.row.clock;
    match (clock.kind, at_step) {
        (ClockKind::Progress, _) => ContactSilence::SinceConfirmed { since: clock.started_at },
        (_, None) => ContactSilence::Over { promised: clock.target },
        (_, Some(_)) => {
            let left = clock.due_at.duration_since(leaves).max(SignedDuration::ZERO);
            ContactSilence::Waiting { left, confirm_by: clock.due_at }
        }
    }
}

fn waiting(clock: &Running, of: Option<&ProjectPart>, now: Timestamp) -> Waiting {
    let clock = &clock.row.clock;
    let (due, is_over) = (clock.due_at, now >= clock.due_at);
    match (clock.kind, of) {
        (ClockKind::Acknowledge, Some(of)) => {
            let by_hand = (!of.is_by_mail()).then(|| of.row.channel.clone());
            Waiting::Acknowledgement { project: of.name(), due, is_over, by_hand }
        }
        (ClockKind::FirstReply | ClockKind::Acknowledge, _) => Waiting::FirstReply { due, is_over },
        (ClockKind::Triage, _) => Waiting::Triage { since: clock.started_at },
        (ClockKind::Progress, of) => Waiting::Progress { project: of.map(ProjectPart::name), since: clock.started_at },
    }
}
