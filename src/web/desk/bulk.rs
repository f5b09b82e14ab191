//! `/triage/bulk` and `/quarantine/bulk`: ticking what is like a row, a look at what would happen, and doing it.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum_extra::extract::Form;
use maud::{Markup, html};

use crate::domain::address::Mailbox;
use crate::domain::bulk::{BulkAct, ITEMS_MAX, Pile, ToSenders};
use crate::domain::directory::Member;
use crate::domain::id::BulkId;
use crate::flows::bulk::{self, Look, LookLine, LookSender, Prospect, Ticked};
use crate::judge::near::alike::By;
use crate::mail::write::flowed::unflow;
use crate::mail::write::letters::Words;
use crate::web::WebState;
use crate::web::desk::ticks::{Asked, path};
use crate::web::desk::{desk_page, form_id, quarantine, triage};
use crate::web::frame::{Place, WebError, said};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of acts on many rows.
pub fn routes() -> Router<WebState> {
    Router::new().route("/triage/bulk", post(in_triage)).route("/quarantine/bulk", post(in_quarantine))
}

/// What the form brings.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Pressed {
    item: Vec<String>,
    /// `sender:SEC-2026-0042`: select what is like that row, too.
    like: String,
    /// The word of the act; none leads back to the list.
    act: String,
    /// The day of quarantined mails.
    day: String,
    /// Made with the look, so that it is done once.
    id: String,
    /// Set by the button below the look.
    sure: String,
}

const NOTHING: &str = "Select at least one row, then choose what to do with it.";
const GONE: &str = "Nothing of what you selected is in this list any more.";

async fn in_triage(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Form(pressed): Form<Pressed>,
) -> Result<Response, WebError> {
    press(&state, &member, Pile::Triage, pressed).await
}

async fn in_quarantine(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Form(pressed): Form<Pressed>,
) -> Result<Response, WebError> {
    press(&state, &member, Pile::Quarantine, pressed).await
}

async fn press(state: &WebState, member: &Member, pile: Pile, pressed: Pressed) -> Result<Response, WebError> {
    let act = BulkAct::from_word(&pressed.act).filter(|act| act.pile() == pile);
    let Some(act) = act.filter(|_| pressed.like.is_empty()) else {
        return list(state, member, pile, pressed, None).await;
    };
    if pressed.item.is_empty() || pressed.item.len() > ITEMS_MAX {
        return list(state, member, pile, pressed, Some(NOTHING)).await;
    }
    let ticked = Ticked { act, items: pressed.item.clone(), day: pressed.day.clone() };
    if pressed.sure.is_empty() {
        return preview(state, member, &ticked).await;
    }
    let id = form_id(&pressed.id).map_or_else(|| new_id(state), |id| BulkId::from_row(id.as_str()));
    if !bulk::carry_out(&state.house, &id, &ticked, member).await? {
        return list(state, member, pile, pressed, Some(GONE)).await;
    }
    Ok(Redirect::to(&format!("/bulk/{id}")).into_response())
}

fn new_id(state: &WebState) -> BulkId {
    BulkId::new(state.house.now(), state.house.chance())
}

/// The list again, with its ticks.
async fn list(
    state: &WebState,
    member: &Member,
    pile: Pile,
    pressed: Pressed,
    problem: Option<&'static str>,
) -> Result<Response, WebError> {
    let like = pressed.like.split_once(':').and_then(|(by, key)| Some((By::from_word(by)?, key.to_owned())));
    let asked = Asked { ticked: pressed.item.into_iter().collect(), like, problem };
    let page = match pile {
        Pile::Triage => triage::show(state, member, asked).await?,
        Pile::Quarantine => quarantine::show(state, member, &pressed.day, asked).await?,
    };
    Ok(page.into_response())
}

async fn preview(state: &WebState, member: &Member, ticked: &Ticked) -> Result<Response, WebError> {
    let look = bulk::look(&state.house, ticked, member).await?;
    let view = View { look: &look, day: &ticked.day, id: new_id(state) };
    let place = if ticked.act.pile() == Pile::Triage { Place::Triage } else { Place::Quarantine };
    Ok(desk_page(state, member, place, &title(&look), page(&view)).await?.into_response())
}

/// The page before it is done.
struct View<'a> {
    look: &'a Look,
    day: &'a str,
    id: BulkId,
}

fn title(look: &Look) -> String {
    format!("{}: {}", look.act.title(), rows(look.act, look.lines.len()))
}

/// "1 case", "14 mails".
pub fn rows(act: BulkAct, count: usize) -> String {
    let (one, many) = match act.pile() {
        Pile::Triage => ("case", "cases"),
        Pile::Quarantine => ("mail", "mails"),
    };
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

fn page(view: &View<'_>) -> Markup {
    let look = view.look;
    let list = path(look.act.pile());
    html! {
        h1 { (title(look)) }
        @if look.gone > 0 {
            div.notice.soon { p { (look.gone) " of what you selected is not in this list any more, and is left as it is." } }
        }
        @if look.lines.is_empty() {
            p { "Nothing is left to be done." }
            p { a.button href=(list) { "Back" } }
        } @else {
            h2 { "What happens" }
            (what_happens(look))
            (accepted(&look.senders))
            (to_senders(look))
            h2 { "Which" }
            ol.tight { @for line in &look.lines { li { (which(line)) } } }
            form.row method="post" action={ (list) "/bulk" } {
                input type="hidden" name="id" value=(view.id);
                input type="hidden" name="act" value=(look.act.word());
                input type="hidden" name="day" value=(view.day);
                @for line in &look.lines { input type="hidden" name="item" value=(line.item); }
                button.primary name="sure" value="yes" { (title(look)) }
                button name="like" value="back" { "Back" }
            }
        }
    }
}

fn what_happens(look: &Look) -> Markup {
    let rows = rows(look.act, look.lines.len());
    let is = if look.lines.len() == 1 { "is" } else { "are" };
    html! {
        @if let Some(reason) = look.act.closing() {
            p { (rows) " " (is) " closed: " strong { (reason.words()) } ". Who sent " @if look.lines.len() == 1 { "it" } @else { "them" }
                " gets no mail about that. The first promise ends without a reply, and the record names you." }
            p { "It can be undone for 30 days: the cases come back as they stand now, with their clocks and deadlines." }
        } @else if look.act == BulkAct::Release {
            p { (rows) " becomes a case each, whose clock runs from its arrival." }
            p { "What a released report causes by itself leaves at once: a receipt to a sender who is proven, and a forward
                 where the judge is sure. That cannot be called back; undoing closes the cases that nobody has taken up." }
        } @else {
            p { (rows) " " (is) " marked as seen: nobody misses " @if look.lines.len() == 1 { "it" } @else { "them" }
                ". Nobody gets mail about that. What was seen is erased 30 days after it came." }
            p { "It can be undone for 30 days, or until the mail is erased." }
        }
    }
}

fn accepted(senders: &[LookSender]) -> Markup {
    let known: Vec<&LookSender> = senders.iter().filter(|sender| sender.accepted > 0).collect();
    html! {
        @if !known.is_empty() {
            div.notice.soon { ul.tight { @for sender in known {
                li { strong { (sender.address) } ": This sender has " (sender.accepted) " earlier accepted "
                    @if sender.accepted == 1 { "report" } @else { "reports" } "."
                    @if !sender.proven { " Nothing proves that this mail is theirs." } }
            } } }
        }
    }
}

/// Who gets a letter or a vote, what it says, and who does not, and why.
fn to_senders(look: &Look) -> Markup {
    let Some(what) = look.act.to_senders() else { return html! {} };
    let (mut sheets, mut proposed, mut spared, mut until) = (Vec::new(), Vec::new(), Vec::new(), None);
    for sender in &look.senders {
        match &sender.prospect {
            Some(Prospect::Warned(letter)) => put_on(&mut sheets, sender, letter),
            Some(Prospect::Banned { until: end, letter }) => {
                until = Some(*end);
                put_on(&mut sheets, sender, letter);
            }
            Some(Prospect::Proposed) => proposed.push(&sender.address),
            Some(Prospect::Spared(why)) => spared.push(why),
            None => {}
        }
    }
    let count = proposed.len() + sheets.iter().map(|sheet| sheet.to.len()).sum::<usize>();
    html! {
        h2 { @match what { ToSenders::Warn => { "Who is warned (" (count) ")" } ToSenders::ProposeBan => { "Whose ban you vote for (" (count) ")" } } }
        @if count == 0 { p { "Nobody." } }
        @if !sheets.is_empty() {
            p { @match until {
                None => "Each gets one letter at once. What has left cannot be called back. A ban may follow, if it happens again.",
                Some(until) => { "Your vote is enough: messages from each of these addresses are paused until " (when::time(until))
                    ", 90 days from now. Each gets one letter at once, with a link to object. What has left cannot be called back." }
            } }
            p { "This is what leaves:" }
            @for sheet in &sheets {
                dl.facts { dt { "To" } dd { @for to in &sheet.to { div { (to) } } } dt { "Subject" } dd { (sheet.letter.subject) } }
                (said(unflow(&sheet.letter.body.flow()).trim()))
            }
        }
        @if !proposed.is_empty() {
            p { "A second member decides, within 180 days. Until then nothing changes for them, and nobody gets mail." }
            ul.tight { @for address in &proposed { li { (address) } } }
        }
        @if !spared.is_empty() {
            h3 { "Not " @match what { ToSenders::Warn => "warned", ToSenders::ProposeBan => "banned" } }
            ul.tight { @for why in &spared { li { (why) } } }
        }
    }
}

/// A letter, and all who get the same.
struct Sheet<'a> {
    to: Vec<&'a Mailbox>,
    letter: &'a Words,
}

fn put_on<'a>(sheets: &mut Vec<Sheet<'a>>, sender: &'a LookSender, letter: &'a Words) {
    match sheets.iter_mut().find(|sheet| sheet.letter == letter) {
        Some(sheet) => sheet.to.push(&sender.address),
        None => sheets.push(Sheet { to: vec![&sender.address], letter }),
    }
}

fn which(line: &LookLine) -> Markup {
    html! {
        @if let Some(number) = &line.number { span.mono.nowrap { (number) } " " }
        @if line.title.trim().is_empty() { "(no subject)" } @else { (line.title) }
        span.small.muted { " from " @match &line.from { Some(from) => { (from) @if !line.proven { " (not proven)" } } None => "nobody we could name" }
            ", arrived " (when::time(line.arrived_at)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseRef;
    use crate::mail::write::flowed::Body;
    use crate::web::samples::{HOSTILE, mailbox, now, safe, shows_hostile_texts};

    fn line() -> LookLine {
        LookLine {
            item: "SEC-2026-0042".to_owned(),
            number: Some(CaseRef::from_row("SEC-2026-0042")),
            title: HOSTILE.to_owned(),
            from: Some(mailbox("sales@deals.example")),
            proven: false,
            arrived_at: now(),
        }
    }

    fn sender(accepted: i64, prospect: Prospect) -> LookSender {
        LookSender { address: mailbox("sales@deals.example"), proven: true, accepted, prospect: Some(prospect) }
    }

    fn letter() -> Words {
        Words { subject: "About your messages".to_owned(), body: Body::new().paragraph(HOSTILE) }
    }

    fn shown(act: BulkAct, lines: Vec<LookLine>, senders: Vec<LookSender>) -> Markup {
        let look = Look { act, lines, senders, gone: 1 };
        page(&View { look: &look, day: "2026-11-20", id: BulkId::from_row("id") })
    }

    #[test]
    fn the_look_says_what_is_closed_who_is_warned_and_who_was_right_before() {
        let page = shows_hostile_texts(
            shown(BulkAct::SpamAndWarn, vec![line(), line()], vec![sender(1, Prospect::Warned(letter()))]),
            3,
        );
        for words in [
            "Spam and warn: 2 cases",
            "2 cases are closed: <strong>spam",
            "This sender has 1 earlier accepted report.",
            "Who is warned (1)",
            "cannot be called back",
            "This is what leaves:",
            "About your messages",
            "(not proven)",
            "1 of what you selected is not in this list any more",
            "name=\"sure\"",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
    }

    #[test]
    fn whoever_is_not_warned_or_banned_is_named_with_the_reason() {
        let spared = Prospect::Spared("sales@deals.example was not warned yet. A ban follows a warning.".to_owned());
        let page = shows_hostile_texts(shown(BulkAct::ProposeBan, vec![line()], vec![sender(0, spared)]), 1);
        for words in ["Propose ban: 1 case", "Whose ban you vote for (0)", "Nobody.", "A ban follows a warning."] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("earlier accepted"), "{page}");
    }

    #[test]
    fn a_vote_that_is_enough_shows_the_letter_and_one_that_is_not_says_who_decides() {
        let shown = |prospect| shown(BulkAct::ProposeBan, vec![line()], vec![sender(0, prospect)]);
        let banned = shows_hostile_texts(shown(Prospect::Banned { until: now(), letter: letter() }), 2);
        for words in ["Whose ban you vote for (1)", "Your vote is enough", "paused until", "with a link to object"] {
            assert!(banned.contains(words), "{words} in {banned}");
        }
        let proposed = shows_hostile_texts(shown(Prospect::Proposed), 1);
        assert!(
            proposed.contains("A second member decides") && !proposed.contains("This is what leaves"),
            "{proposed}"
        );
    }

    #[test]
    fn a_release_says_what_cannot_be_called_back_and_nothing_left_offers_no_button() {
        let page = shows_hostile_texts(shown(BulkAct::Release, vec![line()], Vec::new()), 1);
        assert!(
            page.contains("a receipt to a sender who is proven") && page.contains("action=\"/quarantine/bulk\""),
            "{page}"
        );
        let nothing = safe(shown(BulkAct::Seen, Vec::new(), Vec::new()));
        assert!(nothing.contains("Nothing is left to be done.") && !nothing.contains("<button"), "{nothing}");
    }
}
