//! What may happen in a story: one act after the other, each by itself, so that any of them can be left out.

use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::bans::BanAct;
use crate::simulation::bulk::BulkAct;
use crate::simulation::contacts::ContactAct;
use crate::simulation::desk::DeskAct;
use crate::simulation::directory::DirectoryAct;
use crate::simulation::form::FormAct;
use crate::simulation::likeness::LikenessAct;
use crate::simulation::machines::MachineAct;
use crate::simulation::members::MemberAct;
use crate::simulation::names::NamesAct;
use crate::simulation::reach::ReachAct;
use crate::simulation::relays::RelayAct;
use crate::simulation::reporters::ReporterAct;
use crate::simulation::robots::RobotAct;
use crate::simulation::teaching::TeachingAct;
use crate::simulation::weather::WeatherAct;
use crate::simulation::world::{Broken, World};

/// One act, with all chance in it already fallen. What it is about is a [`Pick`], so that it still means something
/// when acts before it are left out.
#[derive(Debug, Clone)]
pub enum Act {
    Reporter(ReporterAct),
    Form(FormAct),
    Contact(ContactAct),
    Directory(DirectoryAct),
    Machine(MachineAct),
    Member(MemberAct),
    Desk(DeskAct),
    Names(NamesAct),
    Likeness(LikenessAct),
    Teaching(TeachingAct),
    Relay(RelayAct),
    Reach(ReachAct),
    Ban(BanAct),
    Bulk(BulkAct),
    Robot(RobotAct),
    Weather(WeatherAct),
}

impl Act {
    /// An act by chance; a quarter of them is weather, for time is.
    pub fn roll(rng: &mut StdRng) -> Self {
        match rng.random_range(0..100) {
            0..16 => Self::Reporter(ReporterAct::roll(rng)),
            16..21 => Self::Form(FormAct::roll(rng)),
            21..36 => Self::Contact(ContactAct::roll(rng)),
            36..40 => Self::Directory(DirectoryAct::roll(rng)),
            40..49 => Self::Machine(MachineAct::roll(rng)),
            49..66 => Self::Member(MemberAct::roll(rng)),
            66..71 => Self::Desk(DeskAct::roll(rng)),
            71..73 => Self::Names(NamesAct::roll(rng)),
            73..75 => Self::roll_rare(rng),
            _ => Self::Weather(WeatherAct::roll(rng)),
        }
    }

    /// What is seldom done. It happens where a scene leads to it; here, where nothing does.
    fn roll_rare(rng: &mut StdRng) -> Self {
        match rng.random_range(0..12) {
            0..2 => Self::Likeness(LikenessAct::roll(rng)),
            2..4 => Self::Teaching(TeachingAct::roll(rng)),
            4..7 => Self::Relay(RelayAct::roll(rng)),
            7..9 => Self::Reach(ReachAct::roll(rng)),
            9..10 => Self::Ban(BanAct::roll(rng)),
            10..11 => Self::Bulk(BulkAct::roll(rng)),
            _ => Self::Robot(RobotAct::roll(rng)),
        }
    }

    /// Lets it happen, with all that the program does about it.
    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        match self {
            Self::Reporter(act) => act.happen(world).await,
            Self::Form(act) => act.happen(world).await,
            Self::Contact(act) => act.happen(world).await,
            Self::Directory(act) => act.happen(world).await,
            Self::Machine(act) => act.happen(world).await,
            Self::Member(act) => act.happen(world).await,
            Self::Desk(act) => act.happen(world).await,
            Self::Names(act) => act.happen(world).await,
            Self::Likeness(act) => act.happen(world).await,
            Self::Teaching(act) => act.happen(world).await,
            Self::Relay(act) => act.happen(world).await,
            Self::Reach(act) => act.happen(world).await,
            Self::Ban(act) => act.happen(world).await,
            Self::Bulk(act) => act.happen(world).await,
            Self::Robot(act) => act.happen(world).await,
            Self::Weather(act) => act.happen(world).await,
        }
    }

    /// Whether it may have said that somebody is away.
    pub fn is_about_absences(&self) -> bool {
        match self {
            Self::Desk(act) => act.is_about_absences(),
            Self::Contact(act) => act.is_about_absences(),
            _ => false,
        }
    }

    /// Whether it is mail of a machine, which must change no promise and be answered by nothing.
    pub fn machine(&self) -> Option<&MachineAct> {
        match self {
            Self::Machine(act) => Some(act),
            _ => None,
        }
    }
}

/// Which of several, whatever there is when it comes to that.
#[derive(Debug, Clone, Copy)]
pub struct Pick(pub usize);

/// Mostly one of the last few is meant: people are busy with what is new.
const NEW: usize = 6;

impl Pick {
    /// Whatever came last.
    pub const NEWEST: Self = Self(1);

    pub fn roll(rng: &mut StdRng) -> Self {
        Self(rng.random_range(0..10_000))
    }

    /// One of these, the newest being last.
    pub fn among<T>(self, of: &[T]) -> Option<&T> {
        let span = if self.0.is_multiple_of(5) { of.len() } else { of.len().min(NEW) };
        (span > 0).then(|| &of[of.len() - 1 - (self.0 / 5) % span])
    }
}
