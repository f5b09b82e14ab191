//! Who vouches for the sender: SPF and DKIM checked by ourselves, or by a front MTA of the operator's.
//!
//! **Aligned** means: the domain that passed is the From domain, or a parent of it. A domain that is
//! *below* the From domain proves nothing here, although DMARC's relaxed mode takes it within one
//! organization: without the public suffix list we cannot tell `bounces.example.org`, which belongs to `example.org`,
//! from `evil.github.io`, which does not belong to `github.io`. Strict is safe: such mail is held, and nearly all
//! of it carries an aligned DKIM signature as well.

use mail_auth::spf::verify::SpfParameters;
use mail_auth::{AuthenticatedMessage, DkimOutput, DkimResult, SpfResult};

use crate::domain::address::Mailbox;
use crate::domain::report::{Door, From, Peer, SenderProof};
use crate::mail::read::auth_results::{self, Method};
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
        return believed(&results, domain);
    }
    let checks = async { (spf(domain, handover, resolver).await, dkim(raw, &map, domain, resolver).await) };
    match resolver.in_time(checks).await {
        Ok((spf, dkim)) => joined(spf, dkim),
        Err(_) => SenderProof::none("DNS did not answer in time"),
    }
}

/// One check: whether it proves the From domain, and in words.
struct Verdict {
    is_aligned: bool,
    words: String,
}

impl Verdict {
    fn unproven(words: impl Into<String>) -> Self {
        Self { is_aligned: false, words: words.into() }
    }

    fn pass(method: &str, signer: &str, domain: &str) -> Self {
        let is_aligned = vouches_for(signer, domain);
        let aside = if is_aligned { "" } else { ", which is not the domain of From" };
        Self { is_aligned, words: format!("{method} pass for {signer}{aside}") }
    }
}

fn joined(spf: Verdict, dkim: Verdict) -> SenderProof {
    SenderProof { spf: spf.is_aligned, dkim: dkim.is_aligned, words: format!("{}; {}", spf.words, dkim.words) }
}

/// Whether a pass of `signer` proves `domain`: the same, or a parent of it that is no top-level domain.
fn vouches_for(signer: &str, domain: &str) -> bool {
    let is_parent = || domain.strip_suffix(signer).is_some_and(|rest| rest.ends_with('.'));
    signer == domain || (signer.contains('.') && is_parent())
}

/// A domain as lower-case A-labels, if it is one.
fn normal(domain: &str) -> Option<String> {
    Mailbox::parse(&format!("x@{domain}")).ok().map(|mailbox| mailbox.domain().to_owned())
}

async fn spf(domain: &str, handover: &Handover<'_>, resolver: &Resolver) -> Verdict {
    let Some(peer) = handover.peer.filter(|peer| !peer.is_trusted) else {
        return Verdict::unproven("SPF cannot be checked behind another server");
    };
    let host = handover.authserv_id;
    let question = match handover.sender {
        // RFC 7208 section 2.4: without a return path the HELO name is checked.
        None => SpfParameters::verify_ehlo(peer.ip, &peer.helo, host),
        Some(sender) => SpfParameters::verify_mail_from(peer.ip, &peer.helo, host, sender.as_str()),
    };
    let checked = handover.sender.map_or_else(|| normal(&peer.helo), |sender| Some(sender.domain().to_owned()));
    let Some(checked) = checked else {
        return Verdict::unproven("no domain for SPF to check");
    };
    let result = resolver.spf(question).await.map(|answer| answer.result());
    let word = match result {
        Some(SpfResult::Pass) => return Verdict::pass("SPF", &checked, domain),
        Some(SpfResult::Fail) => "fail",
        Some(SpfResult::SoftFail) => "softfail",
        Some(SpfResult::Neutral) => "neutral",
        Some(SpfResult::None) => return Verdict::unproven(format!("no SPF record for {checked}")),
        Some(SpfResult::TempError) => "could not be checked now",
        Some(SpfResult::PermError) => "record is faulty",
        None => return Verdict::unproven("SPF is not checked"),
    };
    Verdict::unproven(format!("SPF {word} for {checked}"))
}

async fn dkim(raw: &[u8], map: &Map<'_>, domain: &str, resolver: &Resolver) -> Verdict {
    if !map.top().has("DKIM-Signature") {
        return Verdict::unproven("no DKIM signature");
    }
    // A signature over a part of the body (`l=`) is refused here: text could be added behind it.
    let Some(mut message) = AuthenticatedMessage::parse(raw) else {
        return Verdict::unproven("the DKIM signature is not readable");
    };
    if message.body_offset() != map.body_start() {
        // What is signed must be what is read: a header block that ends in a line that is no field does not end
        // at the same place for both.
        return Verdict::unproven("the header is broken, so that DKIM proves nothing");
    }
    message.dkim_headers.retain(|signature| {
        let fields = &signature.header.h;
        fields.len() <= SIGNED_FIELDS_MAX && fields.iter().any(|field| field.eq_ignore_ascii_case("from"))
    });
    message.dkim_headers.truncate(SIGNATURES_MAX);
    let Some(answers) = resolver.dkim(&message).await else {
        return Verdict::unproven("DKIM is not checked");
    };
    best(answers.iter().map(|answer| signature_verdict(answer, domain)))
        .unwrap_or_else(|| Verdict::unproven("no DKIM signature that covers From"))
}

fn signature_verdict(answer: &DkimOutput<'_>, domain: &str) -> Verdict {
    let Some(signer) = answer.signature().and_then(|signature| normal(&signature.d)) else {
        return Verdict::unproven("the DKIM signature is not readable");
    };
    let word = match answer.result() {
        DkimResult::Pass => return Verdict::pass("DKIM", &signer, domain),
        DkimResult::TempError(_) => "could not be checked now",
        DkimResult::Neutral(_) | DkimResult::Fail(_) | DkimResult::PermError(_) | DkimResult::None => "fail",
    };
    Verdict::unproven(format!("DKIM {word} for {signer}"))
}

/// The verdict that proves something, else the first.
fn best(verdicts: impl Iterator<Item = Verdict>) -> Option<Verdict> {
    verdicts.reduce(|best, next| if next.is_aligned && !best.is_aligned { next } else { best })
}

/// What our front MTA found. Its DMARC pass is a pass of SPF or DKIM in relaxed alignment (RFC 7489 section 3.1),
/// judged by somebody who knows the public suffixes.
fn believed(results: &[Method], domain: &str) -> SenderProof {
    let is_dmarc_pass = results.iter().any(|result| {
        result.is_pass("dmarc") && result.property(&["header.from"]).and_then(normal).as_deref() == Some(domain)
    });
    let verdict = |name: &str, label: &str, properties: &[&str]| {
        let of_method = results.iter().filter(|result| result.method == name);
        let verdicts = of_method.map(|result| {
            let signer = result.property(properties).and_then(|value| normal(value.rsplit('@').next()?));
            match signer {
                Some(signer) if result.is_pass(name) => {
                    let verdict = Verdict::pass(label, &signer, domain);
                    Verdict { is_aligned: verdict.is_aligned || is_dmarc_pass, ..verdict }
                }
                _ => Verdict::unproven(format!("no {label} pass")),
            }
        });
        best(verdicts).unwrap_or_else(|| Verdict::unproven(format!("no {label} result")))
    };
    let spf = verdict("spf", "SPF", &["smtp.mailfrom", "smtp.mfrom", "smtp.helo"]);
    let dkim = verdict("dkim", "DKIM", &["header.d", "header.i"]);
    let proof = joined(spf, dkim);
    SenderProof { words: format!("by our mail server: {}", proof.words), ..proof }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use mail_auth::common::crypto::Ed25519Key;
    use mail_auth::common::headers::HeaderWriter;
    use mail_auth::dkim::DkimSigner;

    use super::*;
    use crate::mail::read::addresses;
    use crate::mail::read::fields::Fields;
    use crate::world::dns::Table;

    /// The key pair of RFC 8463 appendix A.
    const SEED: &[u8] = b"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
    const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    const MAIL: &str = "From: Jane <jane@example.org>\r\nSubject: hello\r\n\r\nThe text.\r\n";

    fn signed(raw: &str, domain: &str, fields: &[&str]) -> String {
        let decode = |text: &[u8]| data_encoding::BASE64.decode(text).unwrap();
        let key = Ed25519Key::from_seed_and_public_key(&decode(SEED), &decode(PUBLIC.as_bytes())).unwrap();
        let signer = DkimSigner::from_key(key).domain(domain).selector("k").headers(fields.iter().copied());
        signer.sign(raw.as_bytes()).unwrap().to_header() + raw
    }

    fn records() -> Resolver {
        let key = format!("v=DKIM1; k=ed25519; p={PUBLIC}");
        Resolver::table(
            Table::default()
                .with_txt("k._domainkey.example.org", &key)
                .with_txt("k._domainkey.other.example", &key)
                .with_txt("k._domainkey.deep.example.org", &key)
                .with_txt("example.org", "v=spf1 mx -all")
                .with_mx("example.org", "mx.example.org")
                .with_address("mx.example.org", ip("192.0.2.1"))
                .with_txt("other.example", "v=spf1 ip4:192.0.2.1 -all"),
        )
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn peer(address: &str) -> Peer {
        Peer { ip: ip(address), helo: "mx.example.org".to_owned(), is_trusted: false }
    }

    async fn proof(raw: &str, peer: Option<&Peer>, sender: Option<&str>) -> SenderProof {
        let sender = sender.map(|sender| Mailbox::parse(sender).unwrap());
        let door = if peer.is_some() { Door::Smtp } else { Door::File };
        let handover = Handover { door, peer, sender: sender.as_ref(), authserv_id: "mx.foundation.example" };
        let from = addresses::sender(Fields::of(raw.split("\r\n\r\n").next().unwrap().as_bytes()));
        prove(raw.as_bytes(), &from, &handover, &records()).await
    }

    #[tokio::test]
    async fn spf_proves_the_from_domain_only_where_the_return_path_is_in_it() {
        let good = peer("192.0.2.1");
        let table = [
            (&good, Some("jane@example.org"), true, "SPF pass for example.org; no DKIM signature"),
            (&peer("192.0.2.9"), Some("jane@example.org"), false, "SPF fail for example.org; no DKIM signature"),
            (
                &good,
                Some("jane@other.example"),
                false,
                "SPF pass for other.example, which is not the domain of From; no DKIM signature",
            ),
            (&good, Some("jane@none.example"), false, "no SPF record for none.example; no DKIM signature"),
            (&good, None, false, "no SPF record for mx.example.org; no DKIM signature"),
        ];
        for (peer, sender, is_proven, words) in table {
            let proof = proof(MAIL, Some(peer), sender).await;
            assert_eq!((proof.spf, proof.words.as_str()), (is_proven, words));
            assert!(!proof.dkim);
        }
    }

    #[tokio::test]
    async fn dkim_proves_the_from_domain_only_where_it_signs_this_very_mail_for_it() {
        let all = ["From", "Subject"];
        let good = signed(MAIL, "example.org", &all);
        assert!(proof(&good, None, None).await.dkim);
        let from_below = good.replace("jane@example.org", "jane@deep.example.org");
        let table = [
            ("changed text", good.replace("The text", "A text")),
            ("changed From", from_below),
            ("another domain", signed(MAIL, "other.example", &all)),
            ("a domain below", signed(MAIL, "deep.example.org", &all)),
            ("From not covered", signed(MAIL, "example.org", &["Subject"])),
            ("no such key", signed(MAIL, "nokey.example", &all)),
            ("a line smuggled in front of the body", good.replace("hello\r\n\r\n", "hello\r\nan unsigned line\r\n")),
        ];
        for (case, raw) in table {
            let proof = proof(&raw, None, None).await;
            assert!(!proof.dkim, "{case}: {}", proof.words);
        }
        let below = MAIL.replace("jane@example.org", "jane@deep.example.org");
        let parent = proof(&signed(&below, "example.org", &all), None, None).await;
        assert_eq!((parent.dkim, parent.words.ends_with("DKIM pass for example.org")), (true, true));
    }

    #[tokio::test]
    async fn results_of_others_are_believed_from_our_own_mail_server_alone() {
        let results = "Authentication-Results: mx.foundation.example; spf=pass smtp.mailfrom=jane@example.org;\r\n dkim=pass header.d=other.example\r\n";
        let raw = format!("{results}{MAIL}");
        let stranger = peer("192.0.2.9");
        let ours = Peer { is_trusted: true, ..peer("192.0.2.9") };
        assert!(!proof(&raw, Some(&stranger), Some("jane@example.org")).await.is_proven());
        for trusted in [Some(&ours), None] {
            let proof = proof(&raw, trusted, Some("jane@example.org")).await;
            assert!(proof.spf && !proof.dkim);
            assert_eq!(
                proof.words,
                "by our mail server: SPF pass for example.org; DKIM pass for other.example, which is not the domain of From"
            );
        }
        let without = proof(MAIL, Some(&ours), Some("jane@example.org")).await;
        assert!(!without.is_proven(), "its address is not the sender's");
        assert_eq!(without.words, "SPF cannot be checked behind another server; no DKIM signature");
    }

    #[tokio::test]
    async fn relaxed_alignment_is_believed_from_our_own_mail_server_which_knows_the_suffixes() {
        let results = "Authentication-Results: mx.foundation.example; spf=pass smtp.mailfrom=b@bounces.example.org;\r\n dmarc=pass header.from=example.org\r\n";
        assert!(proof(&format!("{results}{MAIL}"), None, None).await.spf);
        let other = results.replace("header.from=example.org", "header.from=other.example");
        assert!(!proof(&format!("{other}{MAIL}"), None, None).await.is_proven());
    }

    #[tokio::test]
    async fn without_one_from_address_or_without_dns_nothing_is_proven() {
        assert!(!proof("Subject: x\r\n\r\n", None, None).await.is_proven());
        let handover = Handover { door: Door::Smtp, peer: Some(&peer("192.0.2.1")), sender: None, authserv_id: "" };
        let from = From::One { name: None, mailbox: Mailbox::parse("jane@example.org").unwrap() };
        let raw = signed(MAIL, "example.org", &["From"]);
        let proof = prove(raw.as_bytes(), &from, &handover, &Resolver::Off).await;
        assert_eq!(proof, SenderProof::none("SPF is not checked; DKIM is not checked"));
    }

    #[test]
    fn a_domain_vouches_for_itself_and_what_is_below_it() {
        let table = [
            ("example.org", "example.org", true),
            ("example.org", "a.example.org", true),
            ("a.example.org", "example.org", false),
            ("org", "example.org", false),
            ("ample.org", "example.org", false),
            ("", "example.org", false),
        ];
        for (signer, domain, expected) in table {
            assert_eq!(vouches_for(signer, domain), expected, "{signer} for {domain}");
        }
    }
}
