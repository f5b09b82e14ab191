//! What members send that they did not write themselves: words of another lane, looked at and without what tells who wrote
//! them; canned answers; and by mistake a line of an internal note.

use std::sync::Arc;

use fingerpost::domain::directory::{Member, ProjectId};
use fingerpost::domain::id::{CaseId, MessageId};
use fingerpost::domain::noise::CannedAnswer;
use fingerpost::flows::composing::{self, Composed, Correspondents, NotSent, To};
use fingerpost::flows::{House, answering, relaying};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::seen::MessageSeen;
use crate::simulation::world::{Broken, Readers, World, broken};

const ASKED: &str = "A line of an internal note leaves only with a reason.";
const PREVIEW: &str = "A preview opens nothing.";
const OWN_WORDS: &str = "A canned answer says nothing that anybody wrote.";

#[derive(Debug, Clone)]
pub struct RelayAct {
    who: usize,
    pick: Pick,
    does: Does,
}

#[derive(Debug, Clone, Copy)]
pub enum Does {
    PassesOn { without_telling_lines: bool },
    PastesANote { with_a_reason: bool },
    AnswersCanned { answer: usize, closes: bool },
}

impl RelayAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        let yes = rng.random_range(0..2) == 0;
        let does = match rng.random_range(0..6) {
            0..3 => Does::PassesOn { without_telling_lines: yes },
            3..5 => Does::AnswersCanned { answer: rng.random_range(0..CannedAnswer::ALL.len()), closes: yes },
            _ => Does::PastesANote { with_a_reason: rng.random_range(0..4) == 0 },
        };
        Self { who: rng.random_range(0..2), pick: Pick::roll(rng), does }
    }

    /// The chair does it with the newest there is.
    pub fn with_the_newest(does: Does) -> Self {
        Self { who: 0, pick: Pick::NEWEST, does }
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        let (by, house) = (world.member(self.who), Arc::clone(&world.stage.house));
        match self.does {
            Does::PassesOn { without_telling_lines } => {
                self.passes_on(world, &house, &by, without_telling_lines).await?;
            }
            Does::PastesANote { with_a_reason } => self.pastes(world, &house, &by, with_a_reason).await?,
            Does::AnswersCanned { answer, closes } => {
                self.answers(world, &house, &by, CannedAnswer::ALL[answer], closes).await?;
            }
        }
        drop(house);
        world.works().await
    }

    /// A message of an open case that fits, with all who take part.
    async fn message(
        &self,
        world: &World,
        house: &House,
        fits: impl Fn(&MessageSeen) -> bool,
    ) -> Option<(String, Correspondents)> {
        let seen = &world.seen;
        let is_open = |row: &MessageSeen| row.case.as_ref().is_some_and(|case| seen.cases[case].state != "closed");
        let all = seen.messages.iter().filter(|(_, row)| is_open(row) && fits(row));
        let all: Vec<(&String, &MessageSeen)> = all.collect();
        let (id, row) = self.pick.among(&all)?;
        Some(((*id).clone(), with(world, house, row.case.as_ref()?).await))
    }

    /// To whom words of that lane may go: the other side, or another project.
    fn reader(&self, with: &Correspondents, row: &MessageSeen) -> Option<To> {
        let open = with.handlings.iter().filter(|part| part.state.is_open());
        let others = open.filter(|part| Some(part.id.as_str()) != row.handling.as_deref());
        let mut readers: Vec<To> = others.map(|part| To::Project(part.project.clone())).collect();
        if row.lane.as_deref() != Some("reporter") {
            readers.push(To::Reporter);
        }
        self.pick.among(&readers).cloned()
    }

    async fn passes_on(&self, world: &mut World, house: &House, by: &Member, cuts: bool) -> Result<(), Broken> {
        let is_theirs = |row: &MessageSeen| {
            row.author == "party" && !row.is_passed_on && matches!(row.lane.as_deref(), Some("reporter" | "project"))
        };
        let Some((id, with)) = self.message(world, house, is_theirs).await else { return Ok(()) };
        let Some(to) = self.reader(&with, &world.seen.messages[&id]) else { return Ok(()) };
        let (step, id) = (house.step(), MessageId::from_row(id));
        let row = house.store.message(&id).await.expect("the store is there").expect("it was seen");
        let Some(text) = relaying::text(&step, &with, &row, &to) else { return Ok(()) };
        let text = if cuts { relaying::without_telling_lines(&with, &to, &text) } else { text };
        world.note(format_args!("{} passes on to {to:?} in {}: {text:?}", by.name, with.case.number));
        for draft in composing::drafts(house, &step, &with, &to, &text, by).unwrap_or_default() {
            let shown = relaying::shown(house, &step, &draft);
            let is_shown = |token: String| shown.contains(&token);
            if is_shown(house.status_url(&draft.to)) || is_shown(house.action_url(&draft.to)) {
                return Err(broken(PREVIEW, shown));
            }
        }
        let composed = Composed { passed_on_from: Some(id), ..composed(world, to, text) };
        if sends(world, house, &with, &composed, "", by).await?.is_some_and(|sent| sent.is_ok()) {
            world.ledger.did("passed on by a member");
        }
        Ok(())
    }

    async fn pastes(&self, world: &mut World, house: &House, by: &Member, has_a_reason: bool) -> Result<(), Broken> {
        let is_note = |row: &MessageSeen| row.lane.as_deref() == Some("internal") && row.author == "member";
        let Some((id, with)) = self.message(world, house, is_note).await else { return Ok(()) };
        let row = house.store.message(&MessageId::from_row(id)).await.expect("the store is there");
        let text = row.expect("it was seen").body;
        let is_secret = world.ledger.secrets.iter().any(|secret| text.contains(&secret.word));
        let Some(to) = self.reader(&with, &MessageSeen::default()).filter(|_| is_secret) else { return Ok(()) };
        world.note(format_args!("{} pastes a note for {to:?} in {}", by.name, with.case.number));
        let because = if has_a_reason { "They are to know." } else { "" };
        let composed = composed(world, to, text.clone());
        match sends(world, house, &with, &composed, because, by).await? {
            Some(Ok(_)) if !has_a_reason => Err(broken(ASKED, text)),
            Some(Err(NotSent::AlsoElsewhere(_))) => {
                world.ledger.did("asked about a note");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn answers(
        &self,
        world: &mut World,
        house: &House,
        by: &Member,
        answer: CannedAnswer,
        closes: bool,
    ) -> Result<(), Broken> {
        let open: Vec<String> = world.seen.cases.iter().filter(|(_, case)| case.state != "closed").map(id_of).collect();
        let Some(case) = self.pick.among(&open) else { return Ok(()) };
        let with = with(world, house, case).await;
        let text = answering::words_for(house, &house.step(), &with, answer);
        world.note(format_args!("{} answers {answer:?} in {}", by.name, with.case.number));
        if world.ledger.secrets.iter().any(|secret| text.contains(&secret.word)) {
            return Err(broken(OWN_WORDS, text));
        }
        let closes = closes.then(|| answer.closing());
        let composed = Composed { answers: true, closes, ..composed(world, To::Reporter, text) };
        if sends(world, house, &with, &composed, "", by).await?.is_some_and(|sent| sent.is_ok()) {
            world.ledger.did("answered by canned words");
        }
        Ok(())
    }
}

fn id_of<T>((id, _): (&String, T)) -> String {
    id.clone()
}

async fn with(world: &World, house: &House, case: &str) -> Correspondents {
    let number = &world.seen.cases[case].number;
    Correspondents::at(house, number).await.expect("the store is there").expect("it was seen")
}

fn composed(world: &mut World, to: To, words: String) -> Composed {
    let id = world.message_id();
    Composed { id, to, words, passed_on_from: None, answers: false, closes: None }
}

/// Sends it, and notes who may read it now; `None` if the program died over it.
async fn sends(
    world: &mut World,
    house: &House,
    with: &Correspondents,
    composed: &Composed,
    because: &str,
    by: &Member,
) -> Result<Option<Result<(), NotSent>>, Broken> {
    let case: &CaseId = &with.case.id;
    let part = composing::send_although(house, case, composed, because, by);
    let sent = world.part("a member sends what was not written now", part).await?;
    let reader = match &composed.to {
        To::Project(project) => part_of(with, project).map(Readers::Part),
        To::Reporter => Some(Readers::Reporter),
        To::Committee => None,
    };
    if let (Some(reader), false) = (reader, matches!(sent, Some(Err(_)))) {
        for secret in world.ledger.secrets.iter_mut().filter(|secret| composed.words.contains(&secret.word)) {
            secret.also.push(reader.clone());
        }
    }
    Ok(sent.map(|sent| sent.map(|_| ())))
}

fn part_of(with: &Correspondents, project: &ProjectId) -> Option<String> {
    with.handling(project).map(|part| part.id.to_string())
}
