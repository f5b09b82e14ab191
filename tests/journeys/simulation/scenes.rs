//! What needs several acts one after the other, which chance alone would hardly ever bring: each story has one such scene,
//! by its seed, among all else that happens in it.

use fingerpost::domain::noise::CannedAnswer;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::{Act, Pick};
use crate::simulation::bans::BanAct;
use crate::simulation::bulk::BulkAct;
use crate::simulation::contacts::{ContactAct, Who};
use crate::simulation::desk::DeskAct;
use crate::simulation::directory::{Answer, DirectoryAct, Kind};
use crate::simulation::form::{self, FormAct, Then};
use crate::simulation::fuse::Touch;
use crate::simulation::likeness::LikenessAct;
use crate::simulation::members::{self, MemberAct};
use crate::simulation::reach::ReachAct;
use crate::simulation::relays::{self, RelayAct};
use crate::simulation::reporters::{About, REPORTERS, ReporterAct, Writing};
use crate::simulation::robots::RobotAct;
use crate::simulation::teaching::{self, TeachingAct};
use crate::simulation::weather::WeatherAct;

const SCENES: u64 = 10;
/// Acts of others between two of a scene at most.
const APART: usize = 3;

/// The acts of a story with those of its scene among them.
pub fn added(seed: u64, mut acts: Vec<Act>, rng: &mut StdRng) -> Vec<Act> {
    let scene = scene(seed, rng);
    let mut at = rng.random_range(0..acts.len() / 2);
    for act in scene {
        acts.insert(at.min(acts.len()), act);
        at += 1 + rng.random_range(0..APART);
    }
    acts
}

fn scene(seed: u64, rng: &mut StdRng) -> Vec<Act> {
    match seed % SCENES {
        0 => a_project_gets_it_again(rng),
        1 => it_was_not_exploited(rng),
        2 => two_cases_of_one_flaw(rng),
        3 => a_name_is_learned(rng),
        4 => a_seller_is_banned(),
        5 => an_address_is_left(rng),
        6 => many_are_closed(rng),
        7 => words_go_from_lane_to_lane(rng),
        8 => the_relay_goes_and_the_program_dies(rng),
        _ => vec![reported(rng, About::Something), Act::Robot(RobotAct::roll(rng)), canned(rng)],
    }
}

fn reported(rng: &mut StdRng, about: About) -> Act {
    Act::Reporter(ReporterAct::Reports { who: rng.random_range(0..REPORTERS.len()), about, is_proven: true })
}

fn passes(hours: i64) -> Act {
    Act::Weather(WeatherAct::Passes { minutes: 60 * hours })
}

fn by_the_chair(does: members::Does) -> Act {
    Act::Member(MemberAct::with_the_newest(does))
}

fn canned(rng: &mut StdRng) -> Act {
    let answer = rng.random_range(0..CannedAnswer::ALL.len());
    let does = relays::Does::AnswersCanned { answer, closes: rng.random_range(0..2) == 0 };
    Act::Relay(RelayAct::with_the_newest(does))
}

fn a_project_gets_it_again(rng: &mut StdRng) -> Vec<Act> {
    let kind = [Kind::Add, Kind::Replace][rng.random_range(0..2)];
    let answers = |answer| Act::Directory(DirectoryAct::Answers { pick: Pick::NEWEST, answer });
    vec![
        reported(rng, About::Rosemary),
        Act::Directory(DirectoryAct::Asks { project: 1, kind, newcomer: 0, pick: Pick::NEWEST }),
        answers(Answer::Yes),
        answers(Answer::VotesFor),
        Act::Desk(DeskAct::forwards_again("rosemary")),
        Act::Reporter(ReporterAct::Writes { pick: Pick::NEWEST, how: Writing::Plainly }),
        by_the_chair(members::Does::WritesToAProject),
    ]
}

fn it_was_not_exploited(rng: &mut StdRng) -> Vec<Act> {
    let about = [About::Parsley, About::Rosemary][rng.random_range(0..2)];
    let first = reported(rng, about);
    let (is, is_not) = (DeskAct::exploited(true), DeskAct::exploited(false));
    vec![first, Act::Desk(is), passes(rng.random_range(1..60)), Act::Desk(is_not)]
}

fn two_cases_of_one_flaw(rng: &mut StdRng) -> Vec<Act> {
    let linked = |links| Act::Likeness(LikenessAct::of_the_newest(links));
    vec![reported(rng, About::Parsley), reported(rng, About::Parsley), linked(true), linked(false)]
}

fn a_name_is_learned(rng: &mut StdRng) -> Vec<Act> {
    let taught = |does| Act::Teaching(TeachingAct::about_the_newest(does));
    let by_name = |rng: &mut StdRng| reported(rng, About::ByAnotherName);
    vec![
        by_name(rng),
        taught(teaching::Does::Corrects),
        taught(teaching::Does::Remembers),
        by_name(rng),
        taught(teaching::Does::Undoes),
        by_name(rng),
    ]
}

fn a_seller_is_banned() -> Vec<Act> {
    vec![
        Act::Ban(BanAct::Offers),
        by_the_chair(members::Does::Warns),
        passes(30),
        Act::Ban(BanAct::Offers),
        by_the_chair(members::Does::Bans),
        Act::Ban(BanAct::Appeals { pick: Pick::NEWEST }),
        Act::Ban(BanAct::Reports),
        by_the_chair(members::Does::LiftsBans),
        Act::Ban(BanAct::Reports),
    ]
}

fn an_address_is_left(rng: &mut StdRng) -> Vec<Act> {
    let (pick, who) = (Pick::NEWEST, rng.random_range(0..REPORTERS.len()));
    let about = form::About::Project(["Parsley", "Rosemary"][rng.random_range(0..2)]);
    vec![
        Act::Form(FormAct::Sends { about, who: None, then: Then::Closed }),
        Act::Reach(ReachAct::Leaves { pick, owl: 0 }),
        by_the_chair(members::Does::Answers { and_that_is_all: false, closes: false }),
        Act::Reach(ReachAct::Proves { pick, is_me: rng.random_range(0..5) > 0 }),
        by_the_chair(members::Does::Answers { and_that_is_all: false, closes: false }),
        Act::Reach(ReachAct::LosesTheLink { who: REPORTERS.len() }),
        Act::Reach(ReachAct::LosesTheLink { who }),
    ]
}

fn many_are_closed(rng: &mut StdRng) -> Vec<Act> {
    vec![
        reported(rng, About::Something),
        reported(rng, About::Lovage),
        Act::Bulk(BulkAct::spam(true)),
        passes(rng.random_range(1..200)),
        Act::Bulk(BulkAct::spam(false)),
    ]
}

fn words_go_from_lane_to_lane(rng: &mut StdRng) -> Vec<Act> {
    let passed_on = |rng: &mut StdRng| {
        let does = relays::Does::PassesOn { without_telling_lines: rng.random_range(0..2) == 0 };
        Act::Relay(RelayAct::with_the_newest(does))
    };
    vec![
        reported(rng, About::Both),
        Act::Contact(ContactAct::Replies { pick: Pick::NEWEST, who: Who::Itself, is_to_the_reporter: false }),
        passed_on(rng),
        Act::Reporter(ReporterAct::Writes { pick: Pick::NEWEST, how: Writing::Plainly }),
        passed_on(rng),
        by_the_chair(members::Does::WritesANote),
        Act::Relay(RelayAct::with_the_newest(relays::Does::PastesANote { with_a_reason: false })),
    ]
}

fn the_relay_goes_and_the_program_dies(rng: &mut StdRng) -> Vec<Act> {
    let touch = Touch::CommitsInThePost;
    let dies = |nth| Act::Weather(WeatherAct::WillDie { touch, nth });
    vec![
        Act::Weather(WeatherAct::RelayGone),
        dies(1),
        reported(rng, About::Parsley),
        passes(1),
        dies(rng.random_range(0..3)),
        reported(rng, About::Rosemary),
    ]
}
