//! Notices of Amazon SES, which tells of bounces in JSON; by way of SNS in JSON within JSON.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::domain::address::Mailbox;
use crate::domain::bounce::{DeliveryReport, Fate, Notice, Reason, Said};
use crate::mail::read::bounce::NOTICES_MAX;
use crate::mail::read::bounce::codes::{is_status, status_in};
use crate::mail::read::bounce::words::short;

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum About {
    Bounce,
    Complaint,
    Delivery,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Message")]
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    #[serde(alias = "eventType")]
    notification_type: About,
    bounce: Option<Bounce>,
    delivery: Option<Delivery>,
    mail: Option<Mail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    /// `Permanent`, `Transient`, `Undetermined`.
    #[serde(default)]
    bounce_type: String,
    /// `General`, `NoEmail`, `Suppressed`, `MailboxFull`, ….
    #[serde(default)]
    bounce_sub_type: String,
    #[serde(default)]
    bounced_recipients: Vec<Bounced>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounced {
    email_address: String,
    status: Option<String>,
    #[serde(default)]
    diagnostic_code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    #[serde(default)]
    recipients: Vec<String>,
    #[serde(default)]
    smtp_response: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    common_headers: Option<CommonHeaders>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommonHeaders {
    message_id: Option<String>,
}

/// What the text is a notice about, if it is one.
pub fn about(text: &str) -> Option<About> {
    notification(text).map(|notification| notification.notification_type)
}

/// Reads a notice of a bounce or a delivery.
pub fn read(text: &str) -> Option<DeliveryReport> {
    let notification = notification(text)?;
    let bounced =
        notification.bounce.iter().flat_map(|bounce| bounce.bounced_recipients.iter().map(|one| one.notice(bounce)));
    let delivered = notification.delivery.iter().flat_map(Delivery::notices);
    let notices = bounced.chain(delivered).take(NOTICES_MAX).collect();
    let headers = notification.mail.and_then(|mail| mail.common_headers);
    let message_id = headers.and_then(|headers| headers.message_id);
    let message_id = message_id.map(|id| id.trim_matches(['<', '>']).to_owned());
    Some(DeliveryReport { notices, message_id, envelope_id: None })
}

fn notification(text: &str) -> Option<Notification> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    first::<Notification>(text).or_else(|| first::<Notification>(&first::<Envelope>(text)?.message))
}

/// The first value in the text; below it SNS tells how to unsubscribe. On the way its long lines were folded, which
/// JSON does not allow inside a string.
fn first<T: DeserializeOwned>(text: &str) -> Option<T> {
    let unfolded = text.replace(['\n', '\r'], "");
    serde_json::Deserializer::from_str(&unfolded).into_iter::<T>().next()?.ok()
}

impl Bounced {
    fn notice(&self, bounce: &Bounce) -> Notice {
        let status = self.status.as_deref().filter(|status| is_status(status)).or(status_in(&self.diagnostic_code));
        let words = format!("{} {}", self.diagnostic_code, bounce.bounce_sub_type);
        let said = Reason::of(&Said { status, words: &words, answers: None });
        let reason = match (said, bounce.bounce_sub_type.as_str()) {
            (Reason::Unsaid | Reason::Filtered, "NoEmail" | "Suppressed") => Reason::UnknownUser,
            _ => said,
        };
        let is_permanent = bounce.bounce_type != "Transient";
        let fate = if is_permanent { reason.fate(status) } else { Fate::Soft };
        Notice {
            recipients: Mailbox::parse(&self.email_address).into_iter().collect(),
            fate,
            reason,
            status: status.map(str::to_owned),
            words: short(&self.diagnostic_code),
        }
    }
}

impl Delivery {
    fn notices(&self) -> impl Iterator<Item = Notice> {
        self.recipients.iter().filter_map(|recipient| Mailbox::parse(recipient).ok()).map(|recipient| Notice {
            recipients: vec![recipient],
            fate: Fate::Delivered,
            reason: Reason::Unsaid,
            status: status_in(&self.smtp_response).map(str::to_owned),
            words: short(&self.smtp_response),
        })
    }
}
