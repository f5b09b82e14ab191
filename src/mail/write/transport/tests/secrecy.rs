//! Encryption and sign-in.

use super::*;

fn credentials() -> Option<RelayCredentials> {
    Some(RelayCredentials { user: "fingerpost".into(), password: "open sesame".into() })
}

#[tokio::test]
async fn the_relay_is_signed_in_to_as_it_asks() {
    let plain = ScriptedRelay::new(|h| says(h, "EHLO", "250-relay.example\r\n250 AUTH LOGIN PLAIN")).await;
    let given = Given::to("keeper@larkspur.example");
    let sender = transport(RelaySettings { credentials: credentials(), ..settings(&plain) });
    let delivery = plain.during(sender.send(&given.letter(CONTENT))).await;
    assert!(matches!(delivery, Delivery::Sent { .. }), "{delivery:?}");
    assert!(plain.commands().contains(&"AUTH PLAIN AGZpbmdlcnBvc3QAb3BlbiBzZXNhbWU=".to_owned()));

    let login = ScriptedRelay::new(|h| {
        let Heard::Command(line) = h else { return None };
        Some(Play::Say(match line.as_str() {
            "AUTH LOGIN" => "334 VXNlcm5hbWU6",
            "ZmluZ2VycG9zdA==" => "334 UGFzc3dvcmQ6",
            "b3BlbiBzZXNhbWU=" => "235 2.7.0 welcome",
            line if line.starts_with("EHLO") => "250-relay.example\r\n250 AUTH LOGIN",
            _ => return None,
        }))
    })
    .await;
    let sender = transport(RelaySettings { credentials: credentials(), ..settings(&login) });
    let delivery = login.during(sender.send(&given.letter(CONTENT))).await;
    assert!(matches!(delivery, Delivery::Sent { .. }), "{delivery:?}");
}

#[tokio::test]
async fn a_failed_sign_in_is_the_operators_matter_and_tells_no_secret() {
    let scripts: [Script; 2] = [
        |h| says(h, "EHLO", "250-relay.example\r\n250 AUTH PLAIN").or(says(h, "AUTH", "535 5.7.8 wrong password")),
        |_| None, // no AUTH on offer
    ];
    for script in scripts {
        let relay = ScriptedRelay::new(script).await;
        let sender = transport(RelaySettings { credentials: credentials(), ..settings(&relay) });
        let delivery = relay.during(sender.send(&Given::to("keeper@larkspur.example").letter(CONTENT))).await;
        let Delivery::Unreachable { reason } = &delivery else { panic!("{delivery:?}") };
        assert!(reason.contains("the sign-in failed: "), "{reason}");
        assert!(!reason.contains("sesame") && !format!("{sender:?}").contains("sesame"), "{reason}");
        assert!(!relay.commands().iter().any(|line| line.starts_with("MAIL")));
    }
}

#[test]
fn a_password_never_travels_where_others_can_read_it() {
    let with = |host: &str, tls| {
        SmtpTransport::new(RelaySettings {
            host: host.into(),
            port: 587,
            tls,
            credentials: credentials(),
            extra_roots: None,
        })
        .map(drop)
    };
    for tls in [RelayTls::None, RelayTls::Opportunistic] {
        assert_eq!(with("relay.example", tls), Err(BadRelay::PasswordInClear));
        assert_eq!(with("::1", tls), Ok(()));
        assert_eq!(with("localhost", tls), Ok(()));
    }
    assert_eq!(with("relay.example", RelayTls::Required), Ok(()));
    assert_eq!(with("relay.example", RelayTls::Implicit), Ok(()));
}

fn offers_starttls(heard: &Heard) -> Option<Play> {
    says(heard, "EHLO", "250-relay.example\r\n250-DSN\r\n250 STARTTLS")
}

/// Sends one letter with STARTTLS or TLS under these settings; what became of it and what was heard.
async fn over_tls(relay: ScriptedRelay, tls: RelayTls, extra_roots: Option<Vec<u8>>) -> (Delivery, Vec<String>) {
    let given = Given::to("keeper@larkspur.example");
    let sender = transport(RelaySettings { host: "localhost".into(), tls, extra_roots, ..settings(&relay) });
    let delivery = relay.during(sender.send(&given.letter(CONTENT))).await;
    (delivery, relay.commands())
}

#[tokio::test]
async fn a_relay_with_a_trusted_certificate_is_spoken_to_in_secret() {
    let (relay, pem) = ScriptedRelay::new(offers_starttls).await.with_certificate("localhost");
    let (delivery, commands) = over_tls(relay, RelayTls::Required, Some(pem)).await;
    assert!(matches!(delivery, Delivery::Sent { .. }), "{delivery:?}");
    assert_eq!(commands[1], "STARTTLS");
    assert!(commands.iter().any(|line| line.ends_with("RET=HDRS ENVID=b.mzxw6ytboi4dqmrzgq2donzvgu")), "{commands:?}");

    let (relay, pem) = ScriptedRelay::new(|_| None).await.with_certificate("localhost");
    let (delivery, _) = over_tls(relay.at_once(), RelayTls::Implicit, Some(pem)).await;
    assert!(matches!(delivery, Delivery::Sent { .. }), "{delivery:?}");
}

#[tokio::test]
async fn without_the_required_encryption_not_a_byte_of_the_letter_leaves() {
    let no_offer = ScriptedRelay::new(|_| None).await;
    let untrusted = ScriptedRelay::new(offers_starttls).await.with_certificate("localhost").0;
    let (wrong_name, pem) = ScriptedRelay::new(offers_starttls).await.with_certificate("elsewhere.example");
    let refusing = ScriptedRelay::new(|h| offers_starttls(h).or(says(h, "STARTTLS", "454 4.7.0 not now"))).await;
    for (relay, roots) in [(no_offer, None), (untrusted, None), (wrong_name, Some(pem)), (refusing, None)] {
        let (delivery, commands) = over_tls(relay, RelayTls::Required, roots).await;
        assert!(matches!(delivery, Delivery::Unreachable { .. }), "{delivery:?}");
        assert!(!commands.iter().any(|line| line.starts_with("MAIL")), "{commands:?}");
    }
}

#[tokio::test]
async fn opportunistic_encryption_takes_any_certificate_or_none() {
    let (relay, _) = ScriptedRelay::new(offers_starttls).await.with_certificate("elsewhere.example");
    let (delivery, commands) = over_tls(relay, RelayTls::Opportunistic, None).await;
    assert!(matches!(delivery, Delivery::Sent { .. }), "{delivery:?}");
    assert!(commands.contains(&"STARTTLS".to_owned()), "{commands:?}");

    let (delivery, _) = over_tls(ScriptedRelay::new(|_| None).await, RelayTls::Opportunistic, None).await;
    assert!(matches!(delivery, Delivery::Sent { .. }), "{delivery:?}");
}

#[test]
fn certificates_that_are_none_are_named_at_the_start() {
    let settings = RelaySettings {
        host: "relay.example".into(),
        port: 587,
        tls: RelayTls::Required,
        credentials: None,
        extra_roots: Some(b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n".to_vec()),
    };
    assert!(matches!(SmtpTransport::new(settings).map(drop), Err(BadRelay::Certificates(_))));
}
