//! `/senders`: warnings, bans with their votes and expiry, appeals; and the buttons to warn and ban by.

use axum::Router;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::access::{Act, Viewer, may};
use crate::domain::address::Mailbox;
use crate::domain::ban::{BanTarget, is_one_of_us};
use crate::domain::directory::{Directory, Member};
use crate::domain::id::BanId;
use crate::flows::abuse;
use crate::store::{BanLine, ReportRow, WarningRow};
use crate::web::WebState;
use crate::web::desk::{ROWS, desk_page};
use crate::web::frame::{Place, WebError, said};
use crate::web::session::AtDesk;
use crate::web::when;

/// The routes of warnings and bans.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/senders", get(list))
        .route("/senders/warn", post(warn))
        .route("/senders/ban", post(vote))
        .route("/senders/lift", post(lift))
}

async fn list(State(state): State<WebState>, AtDesk(member): AtDesk) -> Result<Markup, WebError> {
    let bans = state.house.store.bans(ROWS).await?;
    let warnings = state.house.store.warnings(ROWS).await?;
    let body = page(&View { bans: &bans, warnings: &warnings, member: &member, now: state.house.now() });
    Ok(desk_page(&state, &member, Place::Senders, "Warnings and bans", body).await?)
}

/// What the page shows.
struct View<'a> {
    bans: &'a [BanLine],
    warnings: &'a [WarningRow],
    member: &'a Member,
    now: Timestamp,
}

fn page(view: &View<'_>) -> Markup {
    html! {
        h1 { "Warnings and bans" }
        p.muted { "First a note, then a warning, then a pause of 90 days: of one proven address, or by the chair of a domain in
                   which none of our people is. Paused mail is kept in " a href="/quarantine" { "quarantine" } ". Networks are
                   slowed down, never banned." }
        h2 { "Bans" }
        @if view.bans.is_empty() { p { "Nobody is banned." } }
        @for line in view.bans { (ban(line, view)) }
        h2 { "Warnings" }
        @if view.warnings.is_empty() { p { "Nobody was warned." } }
        @for warning in view.warnings {
            div.card {
                p { strong { (warning.address) } ", warned " (when::time(warning.warned_at)) " by " (warning.warned_by) }
                (ban_button(&BanTarget::Address(warning.address.clone()), view.member))
            }
        }
        @if may_ban_alone(view.member) {
            h2 { "Ban a domain" }
            form.row method="post" action="/senders/ban" {
                label for="domain" { "Domain" }
                input #domain type="text" name="target" placeholder="example.org" autocomplete="off";
                button { "Ban it for 90 days" }
            }
        }
    }
}

fn ban(line: &BanLine, view: &View<'_>) -> Markup {
    let ban = &line.ban;
    html! {
        div.card {
            p { strong { (ban.target) } " "
                @match (ban.ended_at, ban.until) {
                    (Some(at), _) => { span.tag { "Over since " (when::day(at)) } }
                    (None, Some(until)) if view.now >= until => { span.tag { "Over since " (when::day(until)) } }
                    (None, Some(until)) => { span.tag.late { "Paused until " (when::date(until)) } }
                    (None, None) => { span.tag.soon { "Proposed: a second member decides" } }
                } }
            p.small.muted { "Proposed " (when::time(ban.proposed_at)) ". Votes: " (line.votes.join(", ")) "."
                @if let Some(by) = &ban.ended_by { @if by == "time" { " It ran out." } @else { " Lifted by " (by) "." } } }
            @for appeal in &line.appeals {
                p { "The sender objects, " (when::time(appeal.at)) ":" }
                (said(&appeal.words))
            }
            @if ban.ended_at.is_none() && ban.until.is_none_or(|until| view.now < until) {
                div.row {
                    @if ban.banned_at.is_none() { (ban_button(&ban.target, view.member)) }
                    form method="post" action="/senders/lift" {
                        input type="hidden" name="ban" value=(ban.id);
                        button { @if ban.banned_at.is_some() { "Lift" } @else { "Take back" } }
                    }
                }
            }
        }
    }
}

fn may_ban_alone(member: &Member) -> bool {
    let (email, name, role) = (member.email.clone(), member.name.clone(), member.role);
    may(&Viewer::Member { email, name, role }, Act::BanAlone)
}

fn ban_button(target: &BanTarget, member: &Member) -> Markup {
    html! {
        form method="post" action="/senders/ban" {
            input type="hidden" name="target" value=(target.folded());
            button { @if may_ban_alone(member) { "Ban for 90 days" } @else { "Propose ban" } }
        }
    }
}

/// For the page of a case: what may be done about those who sent its reports, folded, for most are no spammers.
pub fn part<'r>(reports: impl Iterator<Item = &'r ReportRow>, directory: &Directory, member: &Member) -> Markup {
    let mut senders: Vec<&Mailbox> = reports.filter(|report| report.proven).filter_map(|r| r.from.as_ref()).collect();
    senders.dedup();
    html! {
        @for sender in senders.into_iter().filter(|sender| !is_one_of_us(directory, sender)) {
            details {
                summary { "Not a report? Warn or ban " (sender) }
                (buttons(sender, member))
            }
        }
    }
}

/// What may be done about a sender who is proven to have written: for any page that shows such a mail.
pub fn buttons(sender: &Mailbox, member: &Member) -> Markup {
    html! {
        div.row {
            form method="post" action="/senders/warn" {
                input type="hidden" name="address" value=(sender);
                button { "Warn the sender" }
            }
            (ban_button(&BanTarget::Address(sender.clone()), member))
            span.small.muted { "A warning is a letter to " (sender) ". A ban follows a warning, if it happens again." }
        }
    }
}

/// Who is to be warned.
#[derive(serde::Deserialize)]
struct Warned {
    address: String,
}

async fn warn(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Form(form): Form<Warned>,
) -> Result<Response, WebError> {
    let Ok(sender) = Mailbox::parse(form.address.trim()) else {
        return not_done(&state, &member, "Name an address such as name@example.org.").await;
    };
    match abuse::warn(&state.house, &sender, &member).await? {
        Ok(()) => Ok(Redirect::to("/senders").into_response()),
        Err(reason) => not_done(&state, &member, &reason.to_string()).await,
    }
}

/// Who is to be banned: an address or a domain.
#[derive(serde::Deserialize)]
struct Target {
    target: String,
}

async fn vote(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Form(form): Form<Target>,
) -> Result<Response, WebError> {
    let Some(target) = BanTarget::parse(&form.target) else {
        return not_done(&state, &member, "Name an address or a domain such as example.org.").await;
    };
    match abuse::propose_ban(&state.house, &target, &member).await? {
        Ok(_) => Ok(Redirect::to("/senders").into_response()),
        Err(reason) => not_done(&state, &member, &reason.to_string()).await,
    }
}

/// Which ban is to end.
#[derive(serde::Deserialize)]
struct Lifted {
    ban: String,
}

async fn lift(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    Form(form): Form<Lifted>,
) -> Result<Redirect, WebError> {
    abuse::lift(&state.house, &BanId::from_row(form.ban), Some(&member)).await?;
    Ok(Redirect::to("/senders"))
}

async fn not_done(state: &WebState, member: &Member, reason: &str) -> Result<Response, WebError> {
    let body = html! {
        h1 { "Not done" }
        div.notice.late { p { (reason) } }
        p { a href="/senders" { "To warnings and bans" } }
    };
    Ok(desk_page(state, member, Place::Senders, "Not done", body).await?.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::MemberRole;
    use crate::domain::id::LetterId;
    use crate::store::{AppealRow, BanRow};
    use crate::web::samples::{HOSTILE, directory, hours, mailbox, now, report, safe, shows_hostile_texts};

    fn line(banned: bool) -> BanLine {
        let ban = BanRow {
            id: BanId::from_row("ban"),
            target: BanTarget::Domain("spam.example".to_owned()),
            proposed_at: now(),
            banned_at: banned.then(now),
            until: banned.then(|| now() + hours(90 * 24)),
            ended_at: None,
            ended_by: None,
        };
        let appeals = vec![AppealRow { at: now(), words: HOSTILE.to_owned() }];
        BanLine { ban, votes: vec!["ada@story.example".to_owned()], appeals }
    }

    fn shown(bans: &[BanLine], role: MemberRole) -> Markup {
        let mut member = directory().committee.remove(0);
        member.role = role;
        let warnings = [WarningRow {
            letter: LetterId::from_row("letter"),
            address: mailbox("sales@spam.example"),
            warned_at: now(),
            warned_by: "ada@story.example".to_owned(),
        }];
        page(&View { bans, warnings: &warnings, member: &member, now: now() })
    }

    #[test]
    fn a_ban_shows_its_end_its_votes_and_what_the_sender_says() {
        let shown = shows_hostile_texts(shown(&[line(true)], MemberRole::Chair), 1);
        for words in ["all of spam.example", ">2027-02-18</time>", "ada@story.example", "The sender objects", ">Lift<"]
        {
            assert!(shown.contains(words), "{words} in {shown}");
        }
    }

    #[test]
    fn a_proposal_waits_for_a_second_member_and_only_the_chair_bans_domains() {
        let proposed = shows_hostile_texts(shown(&[line(false)], MemberRole::Member), 1);
        assert!(proposed.contains("a second member decides") && proposed.contains("Propose ban"), "{proposed}");
        assert!(!proposed.contains("Ban a domain"), "{proposed}");
        assert!(safe(shown(&[], MemberRole::Chair)).contains("Ban a domain"));
    }

    #[test]
    fn on_a_case_only_a_proven_sender_who_is_none_of_ours_can_be_warned() {
        let directory = directory();
        let shown = |change: fn(&mut ReportRow)| {
            let mut row = report();
            change(&mut row);
            safe(part([&row, &row].into_iter(), &directory, &directory.committee[0]))
        };
        assert_eq!(shown(|_| {}), "", "nothing vouches for this one");
        let proven = shown(|row| row.proven = true);
        assert_eq!(proven.matches("Warn or ban jane@reporter.example").count(), 1, "{proven}");
        let ours = shown(|row| (row.proven, row.from) = (true, Some(mailbox("ada@story.example"))));
        assert_eq!(ours, "");
    }

    #[test]
    fn a_ban_that_is_over_offers_nothing() {
        let mut over = line(true);
        over.ban.until = Some(now());
        over.appeals.clear();
        let shown = safe(shown(&[over], MemberRole::Chair));
        assert!(shown.contains("Over since") && !shown.contains(">Lift<"), "{shown}");
    }
}
