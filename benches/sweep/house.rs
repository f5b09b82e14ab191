//! A program on a file of SQLite, without doors and pages, whose steps a bench takes one by one.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use fingerpost::config::entry::ProjectsToml;
use fingerpost::config::policy;
use fingerpost::domain::address::InstanceKey;
use fingerpost::domain::record::Salt;
use fingerpost::flows::seen::Views;
use fingerpost::flows::trends::Trends;
use fingerpost::flows::{ByteBudget, House, Policy, contacts};
use fingerpost::store::{Claimer, DatabaseUrl, Role, Store};
use fingerpost::world::clock::{JumpWatch, SystemClock};
use fingerpost::world::dice::SystemDice;
use fingerpost::world::dns::Resolver;
use tokio::sync::Notify;

pub const KEY: [u8; 32] = [42; 32];

pub const POLICY: &str = r#"
[foundation]
name = "Bench Foundation"
security_address = "security@bench.example"
public_url = "https://security.bench.example"
case_prefix = "SEC"

[[committee]]
name = "Ada Chair"
email = "ada@bench.example"
role = "chair"

[[board]]
email = "board@bench.example"

[[project]]
id = "parsley"
name = "Parsley"
contacts = [{ name = "Security team", email = "security@parsley.example", list = true }]
"#;

/// A program on that file, without its doors and pages.
pub async fn open(file: &Path) -> anyhow::Result<House> {
    let directory = policy::parse("bench.toml", POLICY).map_err(|faults| anyhow::anyhow!("{faults}"))?;
    let store = Store::open(&DatabaseUrl::Sqlite(file.to_owned()), Role::Worker, Claimer::new("bench", "1")).await?;
    let store = store.salted(Salt::of(&InstanceKey::new(KEY)));
    let house = House {
        store,
        clock: Arc::new(SystemClock),
        jump_watch: JumpWatch::default(),
        dice: Arc::new(SystemDice::default()),
        key: InstanceKey::new(KEY),
        public_url: directory.foundation.public_url.clone(),
        tests_its_mailbox: false,
        operator: None,
        policy: ArcSwap::from_pointee(Policy::of(directory)),
        resolver: Resolver::Off,
        authserv_id: "bench.example".to_owned(),
        arrivals: Notify::new(),
        letters: Notify::new(),
        budget: ByteBudget::default(),
        views: Views::default(),
        projects_file: Arc::new(ProjectsToml),
        trends: Trends::default(),
    };
    contacts::refresh(&house).await?;
    Ok(house)
}
