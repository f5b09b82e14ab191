//! How the last weeks went, counted now and then: the first page of the desk is opened far more often than that changes.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::domain::trend::{Trend, first_week};
use crate::flows::House;
use crate::store::StoreError;

/// What was counted is shown for so long.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// What was counted last, and when.
#[derive(Debug, Default)]
pub struct Trends(Mutex<Option<(Timestamp, Arc<Trend>)>>);

impl Trends {
    fn fresh(&self, now: Timestamp) -> Option<Arc<Trend>> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |at: Timestamp| (at..at + FRESH).contains(&now);
        counted.as_ref().filter(|(at, _)| is_fresh(*at)).map(|(_, trend)| Arc::clone(trend))
    }

    fn keep(&self, now: Timestamp, trend: &Arc<Trend>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(trend)));
    }
}

/// The trend of the moment, or of a few minutes ago.
pub async fn look(house: &House) -> Result<Arc<Trend>, StoreError> {
    let now = house.now();
    if let Some(trend) = house.trends.fresh(now) {
        return Ok(trend);
    }
    let since = first_week(now);
    let (store, weeks) = (&house.store, house.store.weeks_since(since, now).await?);
    let trend = Trend::of(since, store.loads().await?, store.confirmation_times(since).await?, &weeks);
    let trend = Arc::new(trend);
    house.trends.keep(now, &trend);
    Ok(trend)
}
