//! Proof that mail to the security address comes in: our own loop test, or a report by mail that a person answered.

use jiff::Timestamp;

use crate::domain::address::Purpose;
use crate::domain::id::CaseId;
use crate::domain::security_txt::MailboxProof;
use crate::flows::Step;
use crate::flows::intake::Message;
use crate::store::{FiledAs, Marks, Store, StoreError, Tx};

/// The mark of this installation's first run.
pub const INSTALLED: &str = "installed";
/// The mark of the last loop test that was put.
pub const LOOP_TEST_SENT: &str = "loop-test-sent";
/// The mark of the last loop test that came back.
pub const LOOP_TEST_PASSED: &str = "loop-test-passed";
/// The mark of the last proof of any kind; security.txt lives by it.
pub const MAILBOX_PROOF: &str = "mailbox-proof";

/// What pages show of the mailbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailboxHealth {
    pub proof: MailboxProof,
    pub loop_test_sent_at: Option<Timestamp>,
    pub loop_test_passed_at: Option<Timestamp>,
}

impl MailboxHealth {
    /// What these marks say.
    pub fn of(marks: &Marks) -> Self {
        Self {
            proof: MailboxProof { installed_at: marks.at(INSTALLED), proven_at: marks.at(MAILBOX_PROOF) },
            loop_test_sent_at: marks.at(LOOP_TEST_SENT),
            loop_test_passed_at: marks.at(LOOP_TEST_PASSED),
        }
    }

    /// The loop test that has not come back yet, by the time it was put.
    pub fn loop_test_on_its_way(&self) -> Option<Timestamp> {
        self.loop_test_sent_at.filter(|sent| self.loop_test_passed_at.is_none_or(|passed| passed < *sent))
    }
}

/// Until when security.txt may be believed.
pub async fn proof(store: &Store) -> Result<MailboxProof, StoreError> {
    Ok(MailboxHealth::of(&store.marks().await?).proof)
}

/// Mail that was sent to the security address has reached a person or ourselves: what we publish is true from `at` on.
pub async fn mailbox_is_proven(tx: &mut Tx<'_>, at: Timestamp) -> Result<(), StoreError> {
    tx.mark(MAILBOX_PROOF, at).await
}

/// A person has answered the first report of a case: a proof, if the report came by mail.
pub async fn report_was_answered(tx: &mut Tx<'_>, step: &Step, case: &CaseId) -> Result<(), StoreError> {
    if tx.came_by_mail(case).await? {
        mailbox_is_proven(tx, step.now).await?;
    }
    Ok(())
}

/// Files mail to a loop test's own address. It opens no case, whoever wrote it; the first arrival within the life of
/// its address proves the mailbox.
pub async fn take_loop_test(
    tx: &mut Tx<'_>,
    step: &Step,
    message: &Message<'_>,
    fingerprint: &str,
) -> Result<(), StoreError> {
    let is_ours = tx.link(fingerprint).await?.is_some_and(|link| link.purpose == Purpose::LoopTest);
    let because = if is_ours && tx.use_link(fingerprint, step.now).await? {
        let arrived_at = message.arrival.arrived_at;
        tx.mark(LOOP_TEST_PASSED, arrived_at).await?;
        mailbox_is_proven(tx, arrived_at).await?;
        "Our own loop test: mail to the security address comes in."
    } else {
        "To the address of a loop test, which was used or has run out."
    };
    message.file_as(tx, step, FiledAs::Automatic, None, Some(because.to_owned())).await
}
