//! What nobody does: time goes by, the program dies or is down, the relay is gone, addresses refuse, the clock jumps.

use fingerpost::domain::address::Mailbox;
use fingerpost::domain::delivery::Delivery;
use jiff::SignedDuration;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::fuse::Touch;
use crate::simulation::world::{Broken, World};

/// Whose mail server has a bad day.
const READERS: [&str; 6] = [
    "security@parsley.example",
    "kim@parsley.example",
    "rosa@rosemary.example",
    "board@foundation.example",
    "ada@foundation.example",
    "jolanta@finder0.example",
];

#[derive(Debug, Clone)]
pub enum WeatherAct {
    Passes {
        minutes: i64,
    },
    /// The program dies at its `nth` touch of the world from now.
    WillDie {
        touch: Touch,
        nth: u32,
    },
    Restarts,
    IsDown {
        hours: i64,
    },
    RelayGone,
    RelayBack,
    Answers {
        reader: usize,
        how: Answer,
    },
    AllAreWell,
    ClockJumps {
        minutes: i64,
    },
}

/// How a mail server answers from now on.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    Refuses,
    Defers,
}

impl WeatherAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        match rng.random_range(0..100) {
            0..12 => Self::Passes { minutes: rng.random_range(1..90) },
            12..32 => Self::Passes { minutes: 60 * rng.random_range(1..48) },
            32..58 => Self::Passes { minutes: 24 * 60 * rng.random_range(1..10) + rng.random_range(0..600) },
            58..62 => Self::Passes { minutes: 24 * 60 * rng.random_range(10..35) },
            62..73 => Self::WillDie {
                touch: [Touch::AsksTheTime, Touch::RollsDice, Touch::Commits, Touch::RelayTook, Touch::Ends]
                    [rng.random_range(0..5)],
                nth: rng.random_range(0..12),
            },
            73..74 => Self::WillDie { touch: Touch::CommitsInThePost, nth: rng.random_range(0..3) },
            74..79 => Self::Restarts,
            79..83 => Self::IsDown { hours: rng.random_range(1..400) },
            83..86 => Self::RelayGone,
            86..90 => Self::RelayBack,
            90..94 => Self::Answers {
                reader: rng.random_range(0..READERS.len()),
                how: [Answer::Refuses, Answer::Defers][rng.random_range(0..2)],
            },
            94..97 => Self::AllAreWell,
            _ => Self::ClockJumps {
                minutes: [-60 * 24 * 30, -60 * 5, -61, -59, 59, 61, 60 * 24 * 8, 60 * 24 * 30][rng.random_range(0..8)],
            },
        }
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        match *self {
            Self::Passes { minutes } => {
                world.note(format_args!("{minutes} minutes begin to pass"));
                world.passes(SignedDuration::from_mins(minutes)).await
            }
            Self::WillDie { touch, nth } => {
                world.note(format_args!("(the program will die when it touches the world: {touch:?}, {nth} later)"));
                world.fuse.light(touch, nth);
                Ok(())
            }
            Self::Restarts => {
                world.note("the program is started again");
                world.starts_again().await;
                world.works().await
            }
            Self::IsDown { hours } => {
                world.note(format_args!("the program is down for {hours} hours"));
                world.stage.clock.advance(SignedDuration::from_hours(hours));
                world.starts_again().await;
                world.works().await
            }
            Self::RelayGone => {
                world.note("the relay is gone");
                let reason = "connection refused".to_owned();
                world.stage.relay.answer_all(None, Delivery::Unreachable { reason });
                Ok(())
            }
            Self::RelayBack | Self::AllAreWell => {
                world.note("the relay and all mail servers are well");
                world.stage.relay.heal();
                world.passes(SignedDuration::from_mins(2)).await
            }
            Self::Answers { reader, how } => {
                world.note(format_args!("{} {how:?} from now on", READERS[reader]));
                let answer = match how {
                    Answer::Refuses => {
                        Delivery::Refused { status: "5.1.1".to_owned(), answer: "550 no such user".to_owned() }
                    }
                    Answer::Defers => Delivery::Deferred { answer: "450 try again later".to_owned() },
                };
                let reader = Mailbox::parse(READERS[reader]).expect("a mailbox");
                world.stage.relay.answer_all(Some(reader), answer);
                Ok(())
            }
            Self::ClockJumps { minutes } => {
                world.note(format_args!("the wall clock jumps by {minutes} minutes"));
                world.stage.clock.jump(SignedDuration::from_mins(minutes));
                world.ledger.jumped_at = Some(world.now());
                world.works().await
            }
        }
    }
}
