//! Spam, floods and those who send them: quarantine and the way out, warnings, bans, the morning's digest.

use fingerpost::domain::abuse::REPORTS_PER_SENDER_AN_HOUR;
use fingerpost::domain::address::{Mailbox, Purpose, Token};
use fingerpost::domain::ban::{BanTarget, NotBanned, NotWarned};
use fingerpost::domain::case::CaseState;
use fingerpost::domain::clock::ClockKind;
use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::directory::Member;
use fingerpost::domain::id::ArrivalId;
use fingerpost::domain::party::Lane;
use fingerpost::flows::abuse::{self, Unbanned, Voted};
use fingerpost::store::{FiledAs, QuarantineRow};
use fingerpost::sweeps;
use jiff::SignedDuration;

use crate::stage::{Mail, Stage, mail, reply_address, report_about, subjects, token_in};

const SPAMMER: &str = "sales@deals.example";

/// An offer, the `number`th of its kind.
pub fn offer(number: usize) -> Mail {
    let text = format!(
        "Dear friend, we have toner number {number} at the lowest price. Order now, no obligation!\r\n\
         https://deals.example/a https://deals.example/b\r\n"
    );
    mail(SPAMMER, "BEST PRICE FOR TONER", &text)
}

fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

fn target(text: &str) -> BanTarget {
    BanTarget::parse(text).unwrap()
}

impl Stage {
    async fn quarantine(&self) -> Vec<QuarantineRow> {
        self.house.store.unseen_quarantine(1000).await.unwrap().1
    }

    fn tania(&self) -> Member {
        self.house.policy().directory.committee[1].clone()
    }

    /// The members have looked at all that came until now.
    async fn quarantine_is_seen(&self) {
        for batch in self.house.store.batches(100).await.unwrap() {
            abuse::see_batch(&self.house, &batch.day, self.now(), &self.chair()).await.unwrap();
        }
    }

    async fn release(&self, arrival: &ArrivalId) {
        abuse::release(&self.house, arrival, Some(&self.chair())).await.unwrap().expect("it is in quarantine");
        self.everything_due_happens().await;
    }

    /// The spammer was warned, wrote again, and the chair has banned it.
    async fn spammer_is_banned(&self) {
        self.mail_arrives(offer(1)).await;
        abuse::warn(&self.house, &mailbox(SPAMMER), &self.tania()).await.unwrap().unwrap();
        self.passes(SignedDuration::from_hours(1)).await;
        self.mail_arrives(offer(2)).await;
        let voted = abuse::propose_ban(&self.house, &target(SPAMMER), &self.chair()).await.unwrap().unwrap();
        assert!(matches!(voted, Voted::Banned { .. }));
        self.everything_due_happens().await;
    }
}

#[tokio::test]
async fn spam_is_quarantined_with_its_reasons_and_gets_no_case_number_or_answer() {
    let stage = Stage::open().await;
    stage.mail_arrives(offer(1)).await;
    assert_eq!(stage.cases().await, 0);
    assert!(stage.relay.sent().is_empty(), "nobody is written to");
    assert_eq!(stage.filed(FiledAs::Quarantine).await, 1);
    let mail = stage.quarantine().await.remove(0);
    assert_eq!((mail.kind.as_str(), mail.proven, mail.batch.as_str()), ("suspected", true, "2026-11-20"));
    assert!(mail.reasons.contains(&"No project is named.".to_owned()), "{:?}", mail.reasons);
    assert!(mail.body.contains("toner number 1"));
}

#[tokio::test]
async fn a_released_mail_opens_a_case_whose_clock_runs_from_its_arrival() {
    let stage = &Stage::open().await;
    let arrived_at = stage.now();
    stage.mail_arrives(offer(1)).await;
    let arrival = stage.quarantine().await.remove(0).arrival;
    stage.passes(SignedDuration::from_hours(24)).await;
    stage.release(&arrival).await;

    let case = stage.only_case().await;
    assert_eq!((case.arrived_at, case.opened_at), (arrived_at, stage.now()));
    let clocks = stage.house.store.clocks_of(&case.id).await.unwrap();
    let first = clocks.iter().find(|row| row.clock.kind == ClockKind::FirstReply).unwrap();
    assert_eq!(first.clock.started_at, arrived_at);
    assert_eq!(stage.mail_to(SPAMMER).len(), 1, "the receipt, with a date that can be kept");
    assert!(stage.quarantine().await.is_empty());
    assert_eq!((stage.filed(FiledAs::Quarantine).await, stage.filed(FiledAs::Report).await), (0, 1));
    let again = abuse::release(&stage.house, &arrival, Some(&stage.chair())).await.unwrap();
    assert_eq!(again, None, "once");
}

#[tokio::test]
async fn a_mail_released_after_its_week_promises_no_date_that_has_passed() {
    let stage = Stage::open().await;
    stage.mail_arrives(offer(1)).await;
    let arrival = stage.quarantine().await.remove(0).arrival;
    stage.passes(SignedDuration::from_hours(8 * 24)).await;
    stage.release(&arrival).await;
    assert!(stage.mail_to(SPAMMER).is_empty());
    assert_eq!(stage.cases().await, 1);
}

#[tokio::test]
async fn quarantined_mail_is_erased_only_once_it_was_seen_and_is_thirty_days_old() {
    let stage = &Stage::open().await;
    stage.mail_arrives(offer(1)).await;
    stage.mail_arrives(offer(2)).await;
    let mails = stage.quarantine().await;
    stage.passes(SignedDuration::from_hours(31 * 24)).await;
    assert_eq!(stage.quarantine().await.len(), 2, "old, but nobody has looked");

    stage.mail_arrives(offer(3)).await;
    stage.quarantine_is_seen().await;
    stage.everything_due_happens().await;
    for mail in &mails {
        assert_eq!(stage.house.store.quarantined(&mail.arrival).await.unwrap(), None);
        assert!(stage.house.store.raw(&mail.arrival).await.is_err(), "its bytes are gone");
        assert!(stage.house.store.arrival(&mail.arrival).await.unwrap().is_none());
    }
    assert_eq!(stage.filed(FiledAs::Quarantine).await, 1, "the third was seen, and is young");
    stage.passes(SignedDuration::from_hours(31 * 24)).await;
    assert_eq!(stage.filed(FiledAs::Quarantine).await, 0);
}

#[tokio::test]
async fn what_comes_in_after_a_member_looked_stays_unseen() {
    let stage = Stage::open().await;
    stage.mail_arrives(offer(1)).await;
    let looked_at = stage.now();
    stage.passes(SignedDuration::from_mins(5)).await;
    stage.mail_arrives(offer(2)).await;
    assert_eq!(abuse::see_batch(&stage.house, "2026-11-20", looked_at, &stage.chair()).await.unwrap(), 1);
    let unseen = stage.quarantine().await;
    assert_eq!(unseen.len(), 1);
    assert!(unseen[0].body.contains("toner number 2"));
}

#[tokio::test]
async fn a_known_reporters_odd_mail_and_an_answer_to_our_warning_are_heard() {
    let stage = Stage::open().await;
    let mut report = report_about("Parsley");
    (report.from, report.sender) = (SPAMMER.to_owned(), Some(SPAMMER.to_owned()));
    stage.mail_arrives(report).await;
    stage.mail_arrives(offer(1)).await;
    assert_eq!(stage.cases().await, 2, "who reported something that went to a project is heard");

    let stage = Stage::open().await;
    stage.mail_arrives(offer(1)).await;
    abuse::warn(&stage.house, &mailbox(SPAMMER), &stage.chair()).await.unwrap().unwrap();
    stage.everything_due_happens().await;
    let warning = stage.only_mail_to(SPAMMER);
    assert_eq!(warning.subject(), "About your messages to security@foundation.example");
    assert_eq!(warning.header("Auto-Submitted").trim(), "auto-generated");
    let mut answer = offer(2).header(&format!("In-Reply-To: {}", warning.header("Message-ID").trim()));
    answer.subject = "RE: ABOUT YOUR MESSAGES!!".to_owned();
    stage.mail_arrives(answer).await;
    assert_eq!(stage.cases().await, 1);
    stage.mail_arrives(offer(3)).await;
    assert_eq!(stage.cases().await, 1, "and no other mail of theirs");
}

#[tokio::test]
async fn a_hundred_forged_spams_do_an_honest_sender_no_harm() {
    let stage = Stage::open().await;
    let honest = "jane@reporter.example";
    for number in 0..100 {
        let mut forged = offer(number).unproven();
        forged.from = honest.to_owned();
        forged.sender = Some("evil@forger.example".to_owned());
        stage.keep(&forged).await;
    }
    stage.everything_due_happens().await;
    assert_eq!((stage.cases().await, stage.quarantine().await.len()), (0, 100));
    assert!(stage.mail_to(honest).is_empty(), "nobody is written to in another's name");

    let warned = abuse::warn(&stage.house, &mailbox(honest), &stage.chair()).await.unwrap();
    assert_eq!(warned, Err(NotWarned::Unproven(mailbox(honest))));
    for whom in [honest, "reporter.example"] {
        let banned = abuse::propose_ban(&stage.house, &target(whom), &stage.chair()).await.unwrap();
        assert_eq!(banned, Err(NotBanned::NotWarned(target(whom))));
    }
    stage.mail_arrives(report_about("Parsley")).await;
    assert_eq!(stage.cases().await, 1);
    assert_eq!(stage.mail_to(honest).len(), 1, "the receipt");
    assert_eq!(stage.mail_to("security@parsley.example").len(), 1);
}

#[tokio::test]
async fn a_ban_needs_a_warning_and_another_mail_after_it() {
    let stage = Stage::open().await;
    stage.mail_arrives(offer(1)).await;
    let ban = async || abuse::propose_ban(&stage.house, &target(SPAMMER), &stage.chair()).await.unwrap();
    assert_eq!(ban().await, Err(NotBanned::NotWarned(target(SPAMMER))));
    abuse::warn(&stage.house, &mailbox(SPAMMER), &stage.chair()).await.unwrap().unwrap();
    let again = abuse::warn(&stage.house, &mailbox(SPAMMER), &stage.tania()).await.unwrap();
    assert!(matches!(again, Err(NotWarned::Already(..))));
    assert_eq!(ban().await, Err(NotBanned::NothingSince(target(SPAMMER))));

    stage.passes(SignedDuration::from_mins(1)).await;
    let mut forged = offer(2).unproven();
    forged.sender = Some("evil@forger.example".to_owned());
    stage.mail_arrives(forged).await;
    assert_eq!(ban().await, Err(NotBanned::NothingSince(target(SPAMMER))), "a forged mail is nothing");
    stage.mail_arrives(offer(3)).await;
    assert!(matches!(ban().await, Ok(Voted::Banned { .. })));
}

#[tokio::test]
async fn a_member_proposes_and_a_second_one_decides_but_nobody_votes_twice() {
    let stage = Stage::with(|directory| {
        let third = Member { email: mailbox("sam@foundation.example"), ..directory.committee[1].clone() };
        directory.committee.push(third);
    })
    .await;
    stage.mail_arrives(offer(1)).await;
    abuse::warn(&stage.house, &mailbox(SPAMMER), &stage.tania()).await.unwrap().unwrap();
    stage.passes(SignedDuration::from_mins(1)).await;
    stage.mail_arrives(offer(2)).await;
    let vote = async |by: &Member| abuse::propose_ban(&stage.house, &target(SPAMMER), by).await.unwrap();

    assert_eq!(vote(&stage.tania()).await, Ok(Voted::Proposed));
    assert_eq!(vote(&stage.tania()).await, Err(NotBanned::HasVoted));
    let bans = stage.house.store.bans(10).await.unwrap();
    assert_eq!((bans.len(), bans[0].ban.banned_at, bans[0].votes.len()), (1, None, 1), "a proposal, seen by all");
    let domain = abuse::propose_ban(&stage.house, &target("deals.example"), &stage.tania()).await.unwrap();
    assert_eq!(domain, Err(NotBanned::ChairOnly));
    let sam = stage.house.policy().directory.committee[2].clone();
    assert!(matches!(vote(&sam).await, Ok(Voted::Banned { .. })));
    assert!(matches!(vote(&stage.chair()).await, Err(NotBanned::Already(_))));
}

#[tokio::test]
async fn banned_mail_is_kept_unanswered_and_visible_until_the_ban_is_over() {
    let stage = &Stage::open().await;
    stage.spammer_is_banned().await;
    let told = stage.mail_to(SPAMMER);
    assert_eq!(told.len(), 2, "the warning and the ban");
    assert!(told[1].subject().starts_with("Messages from you are paused until 18 Feb 2027"), "{}", told[1].subject());
    let mut report = report_about("Parsley");
    (report.from, report.sender) = (SPAMMER.to_owned(), Some(SPAMMER.to_owned()));
    stage.mail_arrives(report.clone()).await;
    assert_eq!((stage.cases().await, stage.mail_to(SPAMMER).len()), (0, 2), "even a report waits for a member");
    let kept = stage.quarantine().await.pop().unwrap();
    assert_eq!((kept.kind.as_str(), kept.reasons.len()), ("banned", 1));

    let mut unproven = report.clone().unproven();
    unproven.message_id = "other@deals.example".to_owned();
    stage.mail_arrives(unproven).await;
    assert_eq!(stage.cases().await, 1, "whoever forges a banned address is judged by the text alone");

    stage.passes(SignedDuration::from_hours(90 * 24)).await;
    report.message_id = "later@deals.example".to_owned();
    stage.mail_arrives(report).await;
    assert_eq!(stage.cases().await, 2, "the ban is over");
}

#[tokio::test]
async fn a_banned_sender_may_object_three_times_and_a_member_lifts_the_ban() {
    let stage = Stage::open().await;
    stage.spammer_is_banned().await;
    let letters = stage.mail_to(SPAMMER);
    let token = Token::read(Purpose::AppealLink, &token_in(&letters[1], "/appeal/")).unwrap();
    for left in [3, 2, 1] {
        assert_eq!(abuse::appeal_view(&stage.house, &token).await.unwrap().unwrap().left, left);
        assert!(abuse::appeal(&stage.house, &token, "I did mean a flaw in Parsley.").await.unwrap());
    }
    assert!(!abuse::appeal(&stage.house, &token, "Once more.").await.unwrap());
    let ban = stage.house.store.bans(10).await.unwrap().remove(0);
    assert_eq!(ban.appeals.len(), 3);
    stage.mail_arrives(offer(3)).await;
    assert_eq!(stage.cases().await, 0, "an appeal lifts nothing by itself");

    stage.passes(SignedDuration::from_hours(24)).await;
    let digest = stage.digests_to("tania@foundation.example").pop().unwrap();
    assert!(digest.subject().ends_with("3 to hear about a ban"), "{}", digest.subject());

    assert!(abuse::lift(&stage.house, &ban.ban.id, Some(&stage.tania())).await.unwrap());
    assert!(!abuse::lift(&stage.house, &ban.ban.id, Some(&stage.tania())).await.unwrap());
    assert_eq!(abuse::appeal_view(&stage.house, &token).await.unwrap(), None, "the link is over with the ban");
    let mut report = report_about("Parsley");
    (report.from, report.sender) = (SPAMMER.to_owned(), Some(SPAMMER.to_owned()));
    stage.mail_arrives(report).await;
    assert_eq!(stage.cases().await, 1);
}

#[tokio::test]
async fn a_domain_is_banned_by_the_chair_with_all_its_addresses_but_none_of_its_subdomains() {
    let stage = Stage::open().await;
    stage.mail_arrives(offer(1)).await;
    abuse::warn(&stage.house, &mailbox(SPAMMER), &stage.chair()).await.unwrap().unwrap();
    stage.passes(SignedDuration::from_mins(1)).await;
    stage.mail_arrives(offer(2)).await;
    let banned = abuse::propose_ban(&stage.house, &target("deals.example"), &stage.chair()).await.unwrap();
    assert!(matches!(banned, Ok(Voted::Banned { .. })));
    let report_from = |from: &str| {
        let mut report = report_about("Parsley");
        (report.from, report.sender) = (from.to_owned(), Some(from.to_owned()));
        report.message_id = format!("report.{from}");
        report
    };
    stage.mail_arrives(report_from("other@deals.example")).await;
    assert_eq!(stage.cases().await, 0);
    stage.mail_arrives(report_from("other@mail.deals.example")).await;
    assert_eq!(stage.cases().await, 1);
}

#[tokio::test]
async fn at_the_command_line_exactly_the_named_ban_is_lifted() {
    let stage = Stage::open().await;
    stage.spammer_is_banned().await;
    let unban = async |whom: &str| abuse::unban(&stage.house, &target(whom)).await.unwrap();
    assert_eq!(unban("other@deals.example").await, Unbanned::NotBanned);
    assert_eq!(unban("deals.example").await, Unbanned::NotBanned);
    let domain = abuse::propose_ban(&stage.house, &target("deals.example"), &stage.chair()).await.unwrap();
    assert!(matches!(domain, Ok(Voted::Banned { .. })));
    assert_eq!(unban(SPAMMER).await, Unbanned::Lifted);
    assert_eq!(unban(SPAMMER).await, Unbanned::OnlyTheDomain("deals.example".to_owned()));
    assert_eq!(unban("deals.example").await, Unbanned::Lifted);
    assert_eq!(unban(SPAMMER).await, Unbanned::NotBanned);
    let ended = stage.house.store.bans(10).await.unwrap();
    assert!(ended.iter().all(|line| line.ban.ended_by.as_deref() == Some("operator")));
}

#[tokio::test]
async fn no_live_contact_is_ever_banned_and_mail_to_a_partys_own_address_is_taken_from_whomever() {
    let stage = Stage::open().await;
    for whom in ["rosa@rosemary.example", "rosemary.example", "ada@foundation.example"] {
        let banned = abuse::propose_ban(&stage.house, &target(whom), &stage.chair()).await.unwrap();
        assert_eq!(banned, Err(NotBanned::OneOfUs(target(whom))));
    }
    // A reporter who is banned while a case of theirs is open.
    let mut report = report_about("Parsley");
    (report.from, report.sender) = (SPAMMER.to_owned(), Some(SPAMMER.to_owned()));
    stage.mail_arrives(report).await;
    let own_address = reply_address(&stage.only_mail_to(SPAMMER));
    stage.passes(SignedDuration::from_mins(1)).await;
    abuse::warn(&stage.house, &mailbox(SPAMMER), &stage.chair()).await.unwrap().unwrap();
    stage.passes(SignedDuration::from_mins(1)).await;
    stage.mail_arrives(offer(1)).await;
    abuse::propose_ban(&stage.house, &target(SPAMMER), &stage.chair()).await.unwrap().unwrap();
    let cases = stage.cases().await;
    stage.mail_arrives(offer(2).to(&own_address)).await;
    let case = stage.house.store.all_cases(10).await.unwrap().pop().unwrap().case;
    let messages = stage.house.store.messages_of(&case.id).await.unwrap();
    let said = messages.iter().filter(|message| message.lane == Some(Lane::Reporter)).count();
    assert_eq!(said, 1, "a live case is served whatever else is paused");
    assert_eq!(stage.cases().await, cases);
}

#[tokio::test]
async fn above_its_share_of_an_hour_a_senders_mail_waits_in_quarantine_and_the_chair_is_told_once() {
    let stage = &Stage::open().await;
    let share = usize::try_from(REPORTS_PER_SENDER_AN_HOUR).unwrap();
    for number in 0..share + 30 {
        let mut report = report_about("Parsley");
        report.message_id = format!("{number}@reporter.example");
        stage.keep(&report).await;
    }
    stage.everything_due_happens().await;
    assert_eq!((stage.cases().await, stage.quarantine().await.len()), (share, 30));
    assert_eq!(stage.mail_to("security@parsley.example").len(), 5, "automatic forwards stop sooner");
    assert_eq!(stage.mail_to("jane@reporter.example").len(), 3, "and so do receipts");
    let told = stage.only_mail_to("ada@foundation.example");
    assert_eq!(told.subject(), "Many mails from one sender wait in quarantine");
    assert!(told.text().contains("j…@reporter.example"), "{}", told.text());

    stage.passes(SignedDuration::from_hours(1)).await;
    let mut later = report_about("Parsley");
    later.message_id = "later@reporter.example".to_owned();
    stage.mail_arrives(later).await;
    assert_eq!(stage.cases().await, share + 1, "the next hour is a new one");
}

#[tokio::test]
async fn three_hundred_mails_of_one_sender_hold_up_nobody_else() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let contact = reply_address(&stage.only_mail_to("security@parsley.example"));
    let parsley = stage.only_case().await;
    for number in 0..300 {
        stage.keep(&offer(number)).await;
    }
    let mut honest = report_about("Rosemary");
    (honest.from, honest.sender) = ("joe@finder.example".to_owned(), Some("joe@finder.example".to_owned()));
    stage.keep(&honest).await;
    stage.keep(&mail("security@parsley.example", "Re:", "We have it.\r\n").to(&contact)).await;
    stage.everything_due_happens().await;

    assert_eq!(stage.mail_to("rosa@rosemary.example").len(), 1);
    assert_eq!(stage.mail_to("joe@finder.example").len(), 1);
    assert_eq!(stage.cases().await, 2);
    let handlings = stage.house.store.handlings_of(&parsley.id).await.unwrap();
    assert!(handlings[0].acknowledged_at.is_some());
    assert_eq!(stage.quarantine().await.len(), 300);
}

#[tokio::test]
async fn every_message_is_in_exactly_one_place() {
    let stage = Stage::open().await;
    stage.mail_arrives(report_about("Parsley")).await;
    let address = reply_address(&stage.only_mail_to("security@parsley.example"));
    for mail in [
        offer(1),
        offer(2),
        report_about("Parsley"),
        mail("kai@elsewhere.example", "Re:", "We look.\r\n").unproven().to(&address),
        mail("security@parsley.example", "Away", "Away.\r\n").header("Auto-Submitted: auto-replied").to(&address),
        mail("security@parsley.example", "Re:", "We have it.\r\n").to(&address),
    ] {
        stage.mail_arrives(mail).await;
    }
    let released = stage.quarantine().await.remove(0).arrival;
    stage.release(&released).await;
    let mut places = Vec::new();
    for filed_as in [
        FiledAs::Report,
        FiledAs::Message,
        FiledAs::Held,
        FiledAs::Automatic,
        FiledAs::Twin,
        FiledAs::SetAside,
        FiledAs::Quarantine,
    ] {
        let lines = stage.house.store.filed(filed_as, 100).await.unwrap();
        let in_quarantine = stage.quarantine().await;
        for line in &lines {
            let is_there = in_quarantine.iter().any(|mail| mail.arrival == line.arrival);
            assert_eq!(is_there, filed_as == FiledAs::Quarantine, "{line:?}");
            let wants_a_case = matches!(filed_as, FiledAs::Report | FiledAs::Message);
            assert!(!wants_a_case || line.case_number.is_some(), "{line:?}");
        }
        places.extend(lines.into_iter().map(|line| line.arrival));
    }
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 7);
    assert_eq!(stage.house.store.unfiled().await.unwrap(), 0);
}

#[tokio::test]
async fn the_digest_goes_out_each_morning_once_and_names_what_waits_but_no_titles() {
    let mut stage = Stage::with(|directory| directory.routing.auto_forward = AutoForward::Chosen).await;
    stage.mail_arrives(report_about("Parsley")).await;
    stage.mail_arrives(offer(1)).await;
    assert!(stage.digests_to("ada@foundation.example").is_empty(), "the first morning is still to come");
    assert_eq!(stage.only_case().await.state, CaseState::New);

    stage.passes(SignedDuration::from_hours(16)).await;
    stage.restart().await;
    stage.everything_due_happens().await;
    let letter = stage.digests_to("ada@foundation.example").remove(0);
    assert_eq!(letter.subject(), "1 to triage, 1 in quarantine");
    let text = letter.text();
    assert!(text.contains("SEC-2026-0001, triage, 1 d 8 h left, nobody has it"), "{text}");
    assert!(text.contains("BEST PRICE FOR TONER, from sales@deals.example."), "{text}");
    assert!(!text.contains("over-read"), "no title of a case: {text}");
    assert_eq!(stage.digests_to("tania@foundation.example").len(), 1);

    let digests = || {
        let subjects = subjects(&stage.digests_to("ada@foundation.example"));
        subjects.into_iter().filter(|subject| subject.contains("in quarantine")).collect::<Vec<_>>()
    };
    stage.passes(SignedDuration::from_hours(23)).await;
    assert_eq!(digests().len(), 1, "not before the next morning");
    stage.passes(SignedDuration::from_hours(24 * 3)).await;
    assert_eq!(digests().len(), 2, "one for three mornings that nobody was there");
    assert!(digests()[1].starts_with("1 overdue, "), "{:?}", digests());
}

#[tokio::test]
async fn several_nodes_tell_the_committee_once() {
    let stage = &Stage::open().await;
    stage.mail_arrives(offer(1)).await;
    stage.clock.advance(SignedDuration::from_hours(24));
    let sweep = || sweeps::sweep(&stage.house);
    let (a, b, c, d) = tokio::join!(sweep(), sweep(), sweep(), sweep());
    assert_eq!([a, b, c, d].into_iter().map(Result::unwrap).sum::<usize>(), 1);
    stage.everything_due_happens().await;
    assert_eq!(stage.digests_to("ada@foundation.example")[0].subject(), "1 in quarantine");
}

#[tokio::test]
async fn a_morning_with_nothing_to_tell_has_no_digest() {
    let stage = Stage::open().await;
    stage.everything_due_happens().await;
    stage.days_pass(3).await;
    assert!(stage.relay.sent().is_empty());
}
