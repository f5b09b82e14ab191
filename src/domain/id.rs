//! Ids of rows: UUIDv7 as text, one type a table, so that no case id passes for a letter's.

use std::fmt;

use jiff::Timestamp;

/// Makes the id types: each a newtype over a UUIDv7 in text form.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub struct $name(String);

        impl $name {
            /// A new id for something that came to be at `now`, with `dice` as its random part.
            pub fn new(now: Timestamp, dice: [u8; 10]) -> Self {
                Self(uuid_v7(now, dice))
            }

            /// An id as it stands in a row or in an address of a page.
            pub fn from_row(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text that stands in the row.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// One message taken in, in the journal.
    ArrivalId,
    /// One case.
    CaseId,
    /// One report within a case.
    ReportId,
    /// One project's part of a case.
    HandlingId,
    /// One recipient of one handling, or one reporter of one case.
    PartyId,
    /// One message in a lane of a case.
    MessageId,
    /// One running or stopped clock.
    ClockId,
    /// One outgoing mail.
    LetterId,
    /// One sign-in that lasts.
    SessionId,
    /// One contact of one project.
    ContactId,
    /// One change of a project's contacts that somebody asked for.
    ChangeId,
    /// One ban of a sender, proposed or in force.
    BanId,
    /// One file attached to a form that is not taken yet.
    UploadId,
    /// One line of who looked at what.
    ViewingId,
    /// One comparison of the record with the tables.
    AuditId,
    /// One name or case that the committee's judge was taught.
    KnowledgeId,
    /// One conflict of interest: a case that is kept from a member.
    ConflictId,
    /// One project that somebody proposed.
    ProposalId,
    /// One act of a member on many rows at once.
    BulkId,
}

/// RFC 9562 section 5.7: 48 bits of milliseconds, then chance.
fn uuid_v7(now: Timestamp, dice: [u8; 10]) -> String {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &dice).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = CaseId::new(Timestamp::from_second(1_700_000_000).unwrap(), [255; 10]);
        let late = CaseId::new(Timestamp::from_second(1_700_000_001).unwrap(), [0; 10]);
        assert!(early < late);
        assert_eq!(late.as_str().len(), 36);
        assert_eq!(&late.as_str()[14..15], "7", "version 7");
    }
}
