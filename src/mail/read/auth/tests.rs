//! Mails and the records in DNS that prove their senders, or do not.

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
            .with_txt("other.example", "v=spf1 ip4:192.0.2.1 -all")
            .with_txt("bounces.example.org", "v=spf1 ip4:192.0.2.1 -all")
            .with_txt("bounces.strict.example", "v=spf1 ip4:192.0.2.1 -all")
            .with_txt("k._domainkey.strict.example", &key)
            .with_txt("k._domainkey.mail.strict.example", &key)
            .with_txt("k._domainkey.evil.github.io", &key)
            .with_txt("k._domainkey.slow.example", &key)
            .with_txt("k._domainkey.mail.slow.example", &key)
            .with_txt("evil.github.io", "v=spf1 ip4:192.0.2.1 -all")
            .with_txt("evil.co.uk", "v=spf1 ip4:192.0.2.1 -all")
            .without_answer("unanswered.example.org")
            .with_txt("_dmarc.example.org", "v=DMARC1; p=reject; sp=quarantine")
            .with_txt("_dmarc.strict.example", "v=DMARC1; p=reject; adkim=s; aspf=s")
            .with_txt("_dmarc.github.io", "v=DMARC1; p=none")
            .without_answer("_dmarc.slow.example"),
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
async fn spf_proves_the_from_domain_only_where_the_return_path_is_of_its_organization() {
    let good = peer("192.0.2.1");
    let no_dkim = "; no DKIM signature; ";
    let reject = "DMARC fail for example.org, its owner asks to reject such mail";
    let table = [
        (&good, Some("jane@example.org"), true, "SPF pass for example.org", "DMARC pass for example.org"),
        (&good, Some("b@bounces.example.org"), true, "SPF pass for bounces.example.org", "DMARC pass for example.org"),
        (&peer("192.0.2.9"), Some("jane@example.org"), false, "SPF fail for example.org", reject),
        (
            &good,
            Some("jane@other.example"),
            false,
            "SPF pass for other.example, which is not the domain of From",
            reject,
        ),
        (&good, Some("jane@none.example"), false, "no SPF record for none.example", reject),
        (
            &good,
            Some("jane@unanswered.example.org"),
            false,
            "SPF could not be checked now for unanswered.example.org",
            "DMARC could not be decided for example.org",
        ),
        (&good, None, false, "no SPF record for mx.example.org", reject),
    ];
    for (peer, sender, is_proven, spf, dmarc) in table {
        let proof = proof(MAIL, Some(peer), sender).await;
        assert_eq!((proof.spf, proof.words), (is_proven, format!("{spf}{no_dkim}{dmarc}")));
        assert!(!proof.dkim);
    }
}

#[tokio::test]
async fn strict_alignment_holds_where_the_owner_asks_for_it_or_may_have_asked() {
    let good = peer("192.0.2.1");
    let all = ["From", "Subject"];
    let from = |domain: &str| MAIL.replace("jane@example.org", &format!("jane@{domain}"));
    let strict = from("strict.example");
    let slow = from("slow.example");
    let aside = "which is not the very domain of From";
    let reject = "DMARC fail for strict.example, its owner asks to reject such mail";
    let slow_words = "DMARC could not be checked now";
    let table = [
        (
            signed(&strict, "strict.example", &all),
            true,
            "DKIM pass for strict.example; DMARC pass for strict.example".to_owned(),
        ),
        (
            signed(&strict, "mail.strict.example", &all),
            false,
            format!("DKIM pass for mail.strict.example, {aside}; {reject}"),
        ),
        (signed(&slow, "slow.example", &all), true, format!("DKIM pass for slow.example; {slow_words}")),
        (
            signed(&slow, "mail.slow.example", &all),
            false,
            format!("DKIM pass for mail.slow.example, {aside}; {slow_words}"),
        ),
    ];
    for (raw, is_proven, words) in table {
        let proof = proof(&raw, Some(&good), Some("b@bounces.strict.example")).await;
        assert_eq!((proof.dkim, proof.spf), (is_proven, false), "{}", proof.words);
        assert!(proof.words.ends_with(&words), "{}", proof.words);
    }
}

#[tokio::test]
async fn neighbors_on_a_public_suffix_do_not_vouch_for_each_other() {
    let good = peer("192.0.2.1");
    for (domain, neighbor) in
        [("jane.github.io", "evil.github.io"), ("bbc.co.uk", "evil.co.uk"), ("github.io", "evil.github.io")]
    {
        let raw = signed(&MAIL.replace("jane@example.org", &format!("jane@{domain}")), neighbor, &["From"]);
        let sender = format!("b@{neighbor}");
        assert!(!proof(&raw, Some(&good), Some(&sender)).await.is_proven(), "{neighbor} for {domain}");
        let own =
            proof(&raw.replace(&format!("jane@{domain}"), &format!("jane@{neighbor}")), Some(&good), Some(&sender))
                .await;
        assert!(own.spf, "it does for itself: {}", own.words);
        let front = format!(
            "Authentication-Results: mx.foundation.example; spf=pass smtp.mailfrom={neighbor};\r\n dmarc=pass header.from={domain}\r\n{raw}"
        );
        assert!(!proof(&front, None, None).await.is_proven(), "not even where our front MTA takes them for one");
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
        ("From not covered", signed(MAIL, "example.org", &["Subject"])),
        ("no such key", signed(MAIL, "nokey.example", &all)),
        ("a line smuggled in front of the body", good.replace("hello\r\n\r\n", "hello\r\nan unsigned line\r\n")),
    ];
    for (case, raw) in table {
        let proof = proof(&raw, None, None).await;
        assert!(!proof.dkim, "{case}: {}", proof.words);
    }
    let below = MAIL.replace("jane@example.org", "jane@deep.example.org");
    for (raw, signer, domain) in
        [(&below, "example.org", "deep.example.org"), (&MAIL.to_owned(), "deep.example.org", "example.org")]
    {
        let relaxed = proof(&signed(raw, signer, &all), None, None).await;
        let words = format!("DKIM pass for {signer}; DMARC pass for {domain}");
        assert!(relaxed.dkim && relaxed.words.ends_with(&words), "{}", relaxed.words);
    }
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
            "by our mail server: SPF pass for example.org; DKIM pass for other.example, which is not the domain of From; DMARC pass for example.org"
        );
    }
    let without = proof(MAIL, Some(&ours), Some("jane@example.org")).await;
    assert!(!without.is_proven(), "its address is not the sender's");
    assert_eq!(
        without.words,
        "SPF cannot be checked behind another server; no DKIM signature; DMARC could not be decided for example.org"
    );
}

#[tokio::test]
async fn a_dmarc_pass_is_believed_from_our_own_mail_server_and_else_the_owner_is_asked() {
    let results = "Authentication-Results: mx.foundation.example; spf=pass smtp.mailfrom=b@bounces.strict.example";
    let raw = MAIL.replace("jane@example.org", "jane@strict.example");
    let told = |dmarc: &str| format!("{results}{dmarc}\r\n{raw}");
    let passed = proof(&told(";\r\n dmarc=pass header.from=strict.example"), None, None).await;
    assert!(passed.spf && passed.words.ends_with("; DMARC pass for strict.example"), "{}", passed.words);
    for dmarc in ["", "; dmarc=pass header.from=other.example", "; dmarc=fail header.from=strict.example"] {
        let asked = proof(&told(&format!("{dmarc}; dkim=none")), None, None).await;
        assert!(!asked.is_proven());
        assert!(asked.words.ends_with("its owner asks to reject such mail"), "{}", asked.words);
    }
}

#[tokio::test]
async fn without_one_from_address_or_without_dns_nothing_is_proven() {
    assert!(!proof("Subject: x\r\n\r\n", None, None).await.is_proven());
    let handover = Handover { door: Door::Smtp, peer: Some(&peer("192.0.2.1")), sender: None, authserv_id: "" };
    let from = From::One { name: None, mailbox: Mailbox::parse("jane@example.org").unwrap() };
    let raw = signed(MAIL, "example.org", &["From"]);
    let proof = prove(raw.as_bytes(), &from, &handover, &Resolver::Off).await;
    assert_eq!(proof, SenderProof::none("SPF is not checked; DKIM is not checked; DMARC is not checked"));
}
