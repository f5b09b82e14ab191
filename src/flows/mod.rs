//! Floor 4: what is done when something arrives, is asked for or must go out. Puts letters, never sends one (but for `post`).

pub mod abuse;
pub mod acknowledging;
pub mod answering;
pub mod attempts;
pub mod audit;
pub mod board;
pub mod bounces;
pub mod bulk;
pub mod by_hand;
pub mod calendars;
pub mod choices;
pub mod clocks;
pub mod closing;
pub mod composing;
pub mod conflicts;
pub mod contacts;
pub mod crossing;
pub mod digest;
pub mod echoes;
pub mod escalating;
pub mod form;
pub mod forward;
pub mod forward_again;
pub mod held;
pub mod hints;
pub mod intake;
pub mod knowledge;
pub mod leaks;
pub mod left_address;
pub mod letter_samples;
pub mod links;
pub mod lost_link;
pub mod members;
pub mod near;
pub mod noise;
pub mod opening;
pub mod post;
pub mod progress;
pub mod project_part;
pub mod proofs;
pub mod proposals;
pub mod quarter;
pub mod read_back;
pub mod reading;
pub mod recheck;
pub mod relay_state;
pub mod relaying;
pub mod reminding;
pub mod reopening;
pub mod replies;
pub mod seen;
pub mod sessions;
pub mod several;
pub mod sharing;
pub mod sign_in;
pub mod status;
pub mod trends;
pub mod urgency;
pub mod viewings;
pub mod withholding;
pub mod writing;

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::domain::address::{InstanceKey, Mailbox, OwnAddresses, Purpose, Token};
use crate::domain::case::Actor;
use crate::domain::directory::Directory;
use crate::domain::id::ClockId;
use crate::domain::knowledge::Knowledge;
use crate::domain::party::Party;
use crate::domain::spam;
use crate::flows::proposals::ProjectsFile;
use crate::flows::seen::Views;
use crate::flows::trends::Trends;
use crate::judge::Judge;
use crate::judge::known::PrivateJudge;
use crate::store::Store;
use crate::world::clock::{Clock, JumpWatch};
use crate::world::dice::{Dice, roll};
use crate::world::dns::Resolver;

/// The directory and the judges that were built from it; replaced as one.
#[derive(Clone)]
pub struct Policy {
    /// With the contacts as they are now.
    pub directory: Directory,
    pub judge: Arc<Judge>,
    /// As the file has it.
    pub file: Arc<Directory>,
    /// Which version of the store's contacts is laid over the file's; `None` if none is yet.
    pub contacts: Option<i64>,
    /// The judge with private knowledge. Pages cannot reach it: what they show of it, flows hand them.
    private_judge: Arc<PrivateJudge>,
    /// Which version of the store's knowledge that judge has; `None` if none is yet.
    knowledge: Option<i64>,
}

impl Policy {
    /// The file's directory with the contacts of the file; builds its judge.
    pub fn of(directory: Directory) -> Self {
        spam::prepare();
        let (judge, file) = (Arc::new(Judge::new(&directory)), Arc::new(directory.clone()));
        let nothing = Knowledge::default();
        let private_judge = Arc::new(PrivateJudge::new(Arc::clone(&judge), Arc::clone(&file), nothing));
        Self { judge, file, directory, contacts: None, private_judge, knowledge: None }
    }

    /// The same file with the contacts of that version laid over it. The judge knows nothing of contacts and stays.
    pub fn with_contacts(&self, directory: Directory, version: i64) -> Self {
        Self { directory, contacts: Some(version), ..self.clone() }
    }

    /// The same with what was taught up to that version.
    fn with_knowledge(&self, private_judge: Arc<PrivateJudge>, version: i64) -> Self {
        Self { private_judge, knowledge: Some(version), ..self.clone() }
    }
}

/// What every flow needs: the store, the world and the policy of the moment.
pub struct House {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub jump_watch: JumpWatch,
    pub dice: Arc<dyn Dice>,
    pub key: InstanceKey,
    pub policy: ArcSwap<Policy>,
    pub resolver: Resolver,
    /// Our name in the `Authentication-Results` of a trusted front MTA.
    pub authserv_id: String,
    /// Where people reach the pages, without a slash at its end.
    pub public_url: String,
    /// Who runs the machine; where nobody is named, the chair is told what the operator should know.
    pub operator: Option<Mailbox>,
    /// Whether we write to ourselves once a day to see that mail comes in: only where a relay takes letters.
    pub tests_its_mailbox: bool,
    /// Rung when a message was kept.
    pub arrivals: Notify,
    /// Rung when a letter was put.
    pub letters: Notify,
    pub budget: ByteBudget,
    /// Cases that members opened, until the sweep writes that down.
    pub views: Views,
    /// Reads and writes entries of `projects.toml`.
    pub projects_file: Arc<dyn ProjectsFile>,
    /// How the last weeks went, as it was counted a few minutes ago.
    pub trends: Trends,
}

/// One step of the program: one time and one policy for all that it decides.
pub struct Step {
    pub now: Timestamp,
    pub policy: Arc<Policy>,
}

impl Step {
    /// The addresses that are ours.
    pub fn own_addresses(&self) -> OwnAddresses {
        self.policy.directory.own_addresses()
    }
}

impl House {
    /// The id of a clock that starts in this step.
    pub fn new_clock(&self, step: &Step) -> ClockId {
        ClockId::new(step.now, self.chance())
    }

    /// Begins a step: reads the clock once.
    pub fn step(&self) -> Step {
        Step { now: self.clock.now(), policy: self.policy.load_full() }
    }

    /// The time, for pages.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The policy of the moment.
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.load_full()
    }

    /// The random part of a new id.
    pub fn chance(&self) -> [u8; 10] {
        roll(&*self.dice)
    }

    /// The token of a party's own address.
    pub fn party_token(&self, party: &Party) -> Token {
        self.key.token(Purpose::PartyAddress, party.id.as_str(), party.generation)
    }

    /// The token of the address at which a contact writes to the reporter.
    pub fn second_token(&self, party: &Party) -> Token {
        self.key.token(Purpose::SecondAddress, party.id.as_str(), party.generation)
    }

    /// The reporter's status page.
    pub fn status_url(&self, party: &Party) -> String {
        let token = self.key.token(Purpose::StatusLink, party.id.as_str(), party.generation);
        format!("{}/s/{}", self.public_url, token.letters())
    }

    /// What a contact may see and do.
    pub fn action_url(&self, party: &Party) -> String {
        let token = self.key.token(Purpose::ActionLink, party.id.as_str(), party.generation);
        format!("{}/a/{}", self.public_url, token.letters())
    }

    /// A member as the record names one: by a salted hash, never by address.
    pub fn actor(&self, member: &Mailbox) -> Actor {
        Actor::Member(self.key.salted_hash(&member.folded()))
    }
}

/// Bytes of mail that may be read back, parsed and committed at once, so that fifty large mails do not
/// need fifty times their size.
pub struct ByteBudget(Semaphore);

/// DESIGN.md 3.1: 64 MiB, counted in KiB.
const BUDGET_KIB: u32 = 64 * 1024;

impl Default for ByteBudget {
    fn default() -> Self {
        Self(Semaphore::new(BUDGET_KIB as usize))
    }
}

impl ByteBudget {
    /// Waits until `bytes` more may be in memory; what is larger than the whole budget takes all of it.
    pub async fn take(&self, bytes: u64) -> SemaphorePermit<'_> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(BUDGET_KIB).clamp(1, BUDGET_KIB);
        self.0.acquire_many(kib).await.expect("the budget is never closed")
    }
}
