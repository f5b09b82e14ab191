//! STARTTLS: the handshake, what is forgotten by it, and what may not stand around it.

use std::path::Path;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::mail::doors::smtp::{BadCertificate, TlsCertificate};

/// Writes a new certificate for `mx.foundation.example` into `folder`.
fn write_certificate(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["mx.foundation.example".into()]).unwrap();
    std::fs::write(folder.join("chain.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

fn load(folder: &Path) -> Result<TlsCertificate, BadCertificate> {
    TlsCertificate::load(&folder.join("chain.pem"), &folder.join("key.pem"))
}

fn stage_with(certificate: &Arc<TlsCertificate>) -> Stage {
    Stage::with(Protocol::Smtp, |settings| settings.certificate = Some(Arc::clone(certificate)))
}

/// Says EHLO and STARTTLS and shakes hands, trusting `root` alone.
async fn upgrade(
    mut client: Client<DuplexStream>,
    root: CertificateDer<'static>,
) -> std::io::Result<Client<TlsStream<DuplexStream>>> {
    client.hears().await;
    assert!(client.asks("EHLO client.example").await.contains("250-STARTTLS\r\n"));
    assert!(client.asks("STARTTLS").await.starts_with("220 "));
    let mut roots = RootCertStore::empty();
    roots.add(root).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "mx.foundation.example".try_into().unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, client.0).await.map(Client)
}

#[tokio::test]
async fn after_the_handshake_nothing_said_in_clear_text_counts() {
    let folder = tempfile::tempdir().unwrap();
    let root = write_certificate(folder.path());
    let stage = stage_with(&Arc::new(load(folder.path()).unwrap()));
    let talk = async move |client: Client<DuplexStream>| {
        let mut client = upgrade(client, root).await.unwrap();
        assert!(client.asks("MAIL FROM:<jo@example.org>").await.starts_with("503 "), "the greeting is forgotten");
        assert!(!client.asks("EHLO client.example").await.contains("STARTTLS"));
        assert!(client.asks("STARTTLS").await.starts_with("503 "));
        client.says(ENVELOPE.split_once("\r\n").unwrap().1).await;
        for expected in ["250", "250", "354"] {
            assert!(client.hears().await.starts_with(expected));
        }
        assert!(client.asks("x\r\n.").await.starts_with("250 "));
        client.asks("QUIT").await
    };
    assert_eq!(stage.play(talk).await, "221 2.0.0 goodbye\r\n");
    let bytes = stage.house.kept.lock().unwrap()[0].1.clone();
    assert!(String::from_utf8(bytes).unwrap().contains("with ESMTPS;"));
}

#[tokio::test]
async fn a_command_pipelined_behind_starttls_is_dropped_with_the_session() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path());
    let stage = stage_with(&Arc::new(load(folder.path()).unwrap()));
    assert_eq!(stage.codes("EHLO a\r\nSTARTTLS\r\nMAIL FROM:<x@example.org>\r\n").await, ["220", "250", "503"]);
    assert_eq!(stage.codes("EHLO a\r\nSTARTTLS\r\nM").await, ["220", "250", "503"]);
}

#[tokio::test]
async fn clear_text_in_place_of_a_handshake_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path());
    let stage = stage_with(&Arc::new(load(folder.path()).unwrap()));
    let talk = async move |mut client: Client<DuplexStream>| {
        client.hears().await;
        client.asks("EHLO a").await;
        client.asks("STARTTLS").await;
        client.says("EHLO a\r\nMAIL FROM:<x@example.org>\r\n").await;
        client.hears_the_end().await
    };
    let heard = stage.play(talk).await;
    assert!(!heard.contains("250"), "{heard:?}");
}

#[tokio::test]
async fn a_renewed_certificate_is_used_after_a_reload_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path());
    let certificate = Arc::new(load(folder.path()).unwrap());
    let renewed = write_certificate(folder.path());
    let connects = |root: CertificateDer<'static>| {
        let stage = stage_with(&certificate);
        async move { stage.play(async |client| upgrade(client, root).await.is_ok()).await }
    };
    assert!(!connects(renewed.clone()).await, "the old one is still shown");
    certificate.reload().unwrap();
    assert!(connects(renewed.clone()).await);
    std::fs::write(folder.path().join("key.pem"), "no key").unwrap();
    assert!(certificate.reload().is_err());
    assert!(connects(renewed).await);
}

#[test]
fn a_certificate_that_cannot_be_used_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert!(matches!(load(path), Err(BadCertificate::Chain { .. })));
    write_certificate(path);
    let key = std::fs::read(path.join("key.pem")).unwrap();
    write_certificate(path);
    std::fs::write(path.join("key.pem"), key).unwrap();
    assert!(matches!(load(path), Err(BadCertificate::Unusable(_))), "the key of another certificate");
    std::fs::write(path.join("chain.pem"), "").unwrap();
    assert!(matches!(load(path), Err(BadCertificate::NoCertificate { .. })));
}
