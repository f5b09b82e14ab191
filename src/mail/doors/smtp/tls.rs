//! The certificate for STARTTLS: read from PEM files, and read again without a restart.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

/// A certificate chain and its key, from two PEM files.
#[derive(Debug)]
pub struct TlsCertificate {
    chain: PathBuf,
    key: PathBuf,
    current: Arc<Current>,
    server: Arc<ServerConfig>,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadCertificate {
    #[error("cannot read a certificate chain in PEM form from {path}: {reason}")]
    Chain { path: PathBuf, reason: pem::Error },
    #[error("there is no certificate in {path}")]
    NoCertificate { path: PathBuf },
    #[error("cannot read a private key in PEM form from {path}: {reason}")]
    Key { path: PathBuf, reason: pem::Error },
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

impl TlsCertificate {
    /// Reads the chain, our own certificate first, and its key.
    pub fn load(chain: &Path, key: &Path) -> Result<Self, BadCertificate> {
        let provider = Arc::new(ring::default_provider());
        let current = Arc::new(Current(ArcSwap::from_pointee(read(chain, key, &provider)?)));
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        Ok(Self { chain: chain.to_owned(), key: key.to_owned(), current, server: Arc::new(server) })
    }

    /// Reads both files again, for handshakes from now on. On an error the earlier certificate stays.
    pub fn reload(&self) -> Result<(), BadCertificate> {
        let provider = Arc::clone(self.server.crypto_provider());
        self.current.0.store(Arc::new(read(&self.chain, &self.key, &provider)?));
        Ok(())
    }

    /// Makes the server's side of a handshake.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.server))
    }
}

#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

fn read(chain: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, BadCertificate> {
    let bad_chain = |reason| BadCertificate::Chain { path: chain.to_owned(), reason };
    let certificates =
        CertificateDer::pem_file_iter(chain).map_err(bad_chain)?.collect::<Result<Vec<_>, _>>().map_err(bad_chain)?;
    if certificates.is_empty() {
        return Err(BadCertificate::NoCertificate { path: chain.to_owned() });
    }
    let key =
        PrivateKeyDer::from_pem_file(key).map_err(|reason| BadCertificate::Key { path: key.to_owned(), reason })?;
    Ok(CertifiedKey::from_der(certificates, key, provider)?)
}
