//! The name servers of the story: whose domains take mail, and that nothing goes to one that does not.

use std::sync::{Arc, LazyLock};

use fingerpost::flows::contacts;
use fingerpost::world::dns::{Resolver, Table};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::world::{Broken, World};

/// The domains of contacts.
pub const DOMAINS: [&str; 3] = ["parsley.example", "rosemary.example", "elsewhere.example"];

#[derive(Debug, Clone, Copy)]
pub enum NamesAct {
    IsGone(usize),
    IsBack(usize),
    /// Our own domain is not found either: it is the name server that is broken.
    Trouble,
}

impl NamesAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        let domain = rng.random_range(0..DOMAINS.len());
        [Self::IsGone(domain), Self::IsBack(domain), Self::IsBack(domain), Self::Trouble][rng.random_range(0..4)]
    }

    pub async fn happen(self, world: &mut World) -> Result<(), Broken> {
        match self {
            Self::IsGone(domain) => {
                world.note(format_args!("{} does not exist any more", DOMAINS[domain]));
                world.ledger.gone.insert(DOMAINS[domain]);
            }
            Self::IsBack(domain) => {
                world.note(format_args!("{} takes mail", DOMAINS[domain]));
                world.ledger.gone.remove(DOMAINS[domain]);
            }
            Self::Trouble => {
                world.note("the name servers know nobody for a day");
                looks(world, &NOBODY).await?;
            }
        }
        world.works().await
    }
}

/// What the program's own loop does each hour.
pub async fn are_looked_up(world: &mut World) -> Result<(), Broken> {
    let gone = DOMAINS.iter().map(|domain| usize::from(world.ledger.gone.contains(domain)));
    let which = gone.fold(0, |bits, is_gone| bits << 1 | is_gone);
    looks(world, &ANSWERS[which]).await
}

/// What name servers may say: a resolver takes so long to make that all stories share these few.
static ANSWERS: LazyLock<Vec<Resolver>> = LazyLock::new(|| (0..1 << DOMAINS.len()).map(where_these_are_gone).collect());
static NOBODY: LazyLock<Resolver> = LazyLock::new(|| {
    let gone = DOMAINS.iter().fold(Table::default(), |table, domain| table.without_domain(domain));
    Resolver::table(gone.without_domain("foundation.example"))
});

fn where_these_are_gone(bits: usize) -> Resolver {
    let ours = Table::default().with_mx("foundation.example", "mx.example");
    let with = |table: Table, (place, domain): (usize, &&str)| match bits >> (DOMAINS.len() - 1 - place) & 1 {
        1 => table.without_domain(domain),
        _ => table.with_mx(domain, "mx.example"),
    };
    Resolver::table(DOMAINS.iter().enumerate().fold(ours, with))
}

async fn looks(world: &mut World, resolver: &Resolver) -> Result<(), Broken> {
    let house = Arc::clone(&world.stage.house);
    let part = async move { contacts::look_after_domains(&house, resolver).await };
    world.part("it looks after the domains of contacts", part).await.map(|_| ())
}
