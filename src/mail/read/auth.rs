//! Who vouches for the sender: SPF, DKIM and DMARC checked by ourselves, or by a front MTA of the operator's.
//!
//! **Aligned** is what DMARC says: the domain that passed SPF or DKIM is the From domain or, unless its owner asks
//! for that very domain, another of the same organization. Where the owner said nothing the same holds.

use mail_auth::dmarc::Alignment;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{AuthenticatedMessage, DkimOutput, DkimResult, SpfResult};

use crate::domain::address::Mailbox;
use crate::domain::report::{Door, From, Peer, SenderProof};
use crate::mail::read::auth_results::{self, Method};
use crate::mail::read::dmarc::{Outcome, Owner, is_aligned, is_one_organization};
use crate::mail::read::guard::Map;
use crate::world::dns::Resolver;

/// DKIM signatures of one mail that are checked; each costs a question to DNS and a hash over the header.
const SIGNATURES_MAX: usize = 8;
/// Header fields that one signature may name: looking them up costs their number times that of the fields.
const SIGNED_FIELDS_MAX: usize = 200;

/// How a message came to us.
#[derive(Debug, Clone, Copy)]
pub struct Handover<'a> {
    pub door: Door,
    pub peer: Option<&'a Peer>,
    /// The envelope sender; `None` is the null return path.
    pub sender: Option<&'a Mailbox>,
    /// The name under which our front MTA writes `Authentication-Results` (RFC 8601 section 2.5); empty: none does.
    pub authserv_id: &'a str,
}

impl Handover<'_> {
    /// Whether the operator's own MTA stands before us: a trusted peer, or whoever pipes mail into `ingest`. Only
    /// then is the IP address we see not the sender's, and only then is an `Authentication-Results` field to be believed.
    fn is_from_our_mta(&self) -> bool {
        self.door == Door::File || self.peer.is_some_and(|peer| peer.is_trusted)
    }
}

/// What can be proven of the From domain of a message that `read` has read.
///
/// Takes at most 10 seconds; trouble with DNS is no proof and no error.
pub async fn prove(raw: &[u8], from: &From, handover: &Handover<'_>, resolver: &Resolver) -> SenderProof {
    let Some(mailbox) = from.mailbox() else {
        return SenderProof::none("there is no single From address to check");
    };
    let Ok(map) = Map::of(raw) else {
        return SenderProof::none("the message could not be read");
    };
    let domain = mailbox.domain();
    if handover.is_from_our_mta()
        && let Some(results) = auth_results::topmost(map.top(), handover.authserv_id)
    {
        return believed(&results, domain, resolver).await;
    }
    let checks = async {
        let spf = spf(handover, resolver);
        tokio::join!(spf, dkim(raw, &map, resolver), Owner::of(domain, resolver))
    };
    match resolver.in_time(checks).await {
        Ok((spf, dkim, owner)) => judged(&[spf], &dkim, &owner, domain),
        Err(_) => SenderProof::none("DNS did not answer in time"),
    }
}

/// One check.
enum Finding {
    /// It passed for this domain, in lower-case A-labels.
    Pass(String),
    /// It did not pass, in words.
    NoPass(String),
    /// It could not be made, in words.
    Open(String),
}

impl Finding {
    fn no_pass(words: impl Into<String>) -> Self {
        Self::NoPass(words.into())
    }

    fn open(words: impl Into<String>) -> Self {
        Self::Open(words.into())
    }
}

/// What one method comes to for the From domain.
struct Verdict {
    outcome: Outcome,
    words: String,
}

impl Verdict {
    fn is_aligned(&self) -> bool {
        self.outcome == Outcome::Pass
    }

    fn of(finding: &Finding, method: &str, domain: &str, alignment: Alignment) -> Self {
        let (outcome, words) = match finding {
            Finding::Pass(signer) if is_aligned(signer, domain, alignment) => {
                (Outcome::Pass, format!("{method} pass for {signer}"))
            }
            Finding::Pass(signer) => (Outcome::Fail, format!("{method} pass for {signer}, {}", aside(signer, domain))),
            Finding::NoPass(words) => (Outcome::Fail, words.clone()),
            Finding::Open(words) => (Outcome::Open, words.clone()),
        };
        Self { outcome, words }
    }

    /// The verdict of several findings: the one that proves something, else the first.
    fn best(findings: &[Finding], method: &str, domain: &str, alignment: Alignment) -> Self {
        let mut verdicts: Vec<Self> =
            findings.iter().map(|finding| Self::of(finding, method, domain, alignment)).collect();
        if let Some(at) = verdicts.iter().position(Self::is_aligned) {
            return verdicts.swap_remove(at);
        }
        let is_open = verdicts.iter().any(|verdict| verdict.outcome == Outcome::Open);
        let words = verdicts.into_iter().next().map_or_else(|| format!("no {method} result"), |first| first.words);
        Self { outcome: if is_open { Outcome::Open } else { Outcome::Fail }, words }
    }
}

/// Why a pass of `signer` proves nothing.
fn aside(signer: &str, domain: &str) -> &'static str {
    match is_one_organization(signer, domain) {
        true => "which is not the very domain of From",
        false => "which is not the domain of From",
    }
}

fn judged(spf: &[Finding], dkim: &[Finding], owner: &Owner, domain: &str) -> SenderProof {
    let spf = Verdict::best(spf, "SPF", domain, owner.spf_alignment());
    let dkim = Verdict::best(dkim, "DKIM", domain, owner.dkim_alignment());
    let outcome = match (spf.outcome, dkim.outcome) {
        (Outcome::Pass, _) | (_, Outcome::Pass) => Outcome::Pass,
        (Outcome::Open, _) | (_, Outcome::Open) => Outcome::Open,
        (Outcome::Fail, Outcome::Fail) => Outcome::Fail,
    };
    let words = format!("{}; {}; {}", spf.words, dkim.words, owner.words(domain, outcome));
    SenderProof { spf: spf.is_aligned(), dkim: dkim.is_aligned(), words }
}

/// A domain as lower-case A-labels, if it is one.
fn normal(domain: &str) -> Option<String> {
    Mailbox::parse(&format!("x@{domain}")).ok().map(|mailbox| mailbox.domain().to_owned())
}

async fn spf(handover: &Handover<'_>, resolver: &Resolver) -> Finding {
    let Some(peer) = handover.peer.filter(|peer| !peer.is_trusted) else {
        return Finding::open("SPF cannot be checked behind another server");
    };
    let host = handover.authserv_id;
    let question = match handover.sender {
        // RFC 7208 section 2.4: without a return path the HELO name is checked.
        None => SpfParameters::verify_ehlo(peer.ip, &peer.helo, host),
        Some(sender) => SpfParameters::verify_mail_from(peer.ip, &peer.helo, host, sender.as_str()),
    };
    let checked = handover.sender.map_or_else(|| normal(&peer.helo), |sender| Some(sender.domain().to_owned()));
    let Some(checked) = checked else {
        return Finding::no_pass("no domain for SPF to check");
    };
    let result = resolver.spf(question).await.map(|answer| answer.result());
    let word = match result {
        Some(SpfResult::Pass) => return Finding::Pass(checked),
        Some(SpfResult::Fail) => "fail",
        Some(SpfResult::SoftFail) => "softfail",
        Some(SpfResult::Neutral) => "neutral",
        Some(SpfResult::None) => return Finding::NoPass(format!("no SPF record for {checked}")),
        Some(SpfResult::TempError) => return Finding::Open(format!("SPF could not be checked now for {checked}")),
        Some(SpfResult::PermError) => "record is faulty",
        None => return Finding::open("SPF is not checked"),
    };
    Finding::NoPass(format!("SPF {word} for {checked}"))
}

/// One finding a signature, or one that says why there is none.
async fn dkim(raw: &[u8], map: &Map<'_>, resolver: &Resolver) -> Vec<Finding> {
    if !map.top().has("DKIM-Signature") {
        return vec![Finding::no_pass("no DKIM signature")];
    }
    // A signature over a part of the body (`l=`) is refused here: text could be added behind it.
    let Some(mut message) = AuthenticatedMessage::parse(raw) else {
        return vec![Finding::no_pass("the DKIM signature is not readable")];
    };
    if message.body_offset() != map.body_start() {
        // What is signed must be what is read: a header block that ends in a line that is no field does not end
        // at the same place for both.
        return vec![Finding::no_pass("the header is broken, so that DKIM proves nothing")];
    }
    message.dkim_headers.retain(|signature| {
        let fields = &signature.header.h;
        fields.len() <= SIGNED_FIELDS_MAX && fields.iter().any(|field| field.eq_ignore_ascii_case("from"))
    });
    message.dkim_headers.truncate(SIGNATURES_MAX);
    match resolver.dkim(&message).await {
        None => vec![Finding::open("DKIM is not checked")],
        Some(answers) if answers.is_empty() => vec![Finding::no_pass("no DKIM signature that covers From")],
        Some(answers) => answers.iter().map(signature_finding).collect(),
    }
}

fn signature_finding(answer: &DkimOutput<'_>) -> Finding {
    let Some(signer) = answer.signature().and_then(|signature| normal(&signature.d)) else {
        return Finding::no_pass("the DKIM signature is not readable");
    };
    match answer.result() {
        DkimResult::Pass => Finding::Pass(signer),
        DkimResult::TempError(_) => Finding::Open(format!("DKIM could not be checked now for {signer}")),
        DkimResult::Neutral(_) | DkimResult::Fail(_) | DkimResult::PermError(_) | DkimResult::None => {
            Finding::NoPass(format!("DKIM fail for {signer}"))
        }
    }
}

/// What our front MTA found. Where it says that DMARC passes, the owner is not asked again; which domains are one
/// organization is for our own list to say all the same.
async fn believed(results: &[Method], domain: &str, resolver: &Resolver) -> SenderProof {
    let is_dmarc_pass = results.iter().any(|result| {
        result.is_pass("dmarc") && result.property(&["header.from"]).and_then(normal).as_deref() == Some(domain)
    });
    let owner = match is_dmarc_pass {
        true => Owner::Passed,
        false => resolver.in_time(Owner::of(domain, resolver)).await.unwrap_or(Owner::Unknown),
    };
    let spf = reported(results, "spf", "SPF", &["smtp.mailfrom", "smtp.mfrom", "smtp.helo"]);
    let dkim = reported(results, "dkim", "DKIM", &["header.d", "header.i"]);
    let proof = judged(&spf, &dkim, &owner, domain);
    SenderProof { words: format!("by our mail server: {}", proof.words), ..proof }
}

/// What the front MTA says of one method, whose domain is in one of `properties`.
fn reported(results: &[Method], name: &str, label: &str, properties: &[&str]) -> Vec<Finding> {
    let of_method = results.iter().filter(|result| result.method == name);
    let finding = |result: &Method| {
        let signer = result.property(properties).and_then(|value| normal(value.rsplit('@').next()?));
        match signer {
            Some(signer) if result.is_pass(name) => Finding::Pass(signer),
            _ if result.result == "temperror" => Finding::Open(format!("{label} could not be checked now")),
            _ => Finding::NoPass(format!("no {label} pass")),
        }
    };
    let findings: Vec<Finding> = of_method.map(finding).collect();
    match findings.is_empty() {
        true => vec![Finding::Open(format!("no {label} result"))],
        false => findings,
    }
}

#[cfg(test)]
mod tests;
