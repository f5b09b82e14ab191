//! Every method of the store, on a fresh SQLite file and on a fresh PostgreSQL database.

#[path = "../common/postgres.rs"]
mod postgres;

/// Makes of one story two tests: `…::on_sqlite` and `…::on_postgres`.
macro_rules! on_both {
    ($(async fn $name:ident($house:ident: House) $story:block)*) => {$(
        mod $name {
            use super::*;

            async fn story($house: &House) $story

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                story(&House::on_sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                if let Some(house) = House::on_postgres().await {
                    story(&house).await;
                }
            }
        }
    )*};
}

mod absences;
mod bulk;
mod calendars;
mod cases;
mod claims;
mod clocks;
mod conflicts;
mod contacts;
mod desk;
mod disk;
mod echoes;
mod every;
mod group_commit;
mod hints;
mod house;
mod journal;
mod knowledge;
mod marks;
mod messages;
mod near;
mod noise;
mod opening;
mod outbox;
mod people;
mod proposals;
mod quarters;
mod record;
mod reporters;
mod retention;
mod senders;
mod silence;
mod trends;
mod upkeep;
mod uploads;
mod urgency;
mod viewings;
mod views;
