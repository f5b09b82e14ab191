//! A relay that plays a script, on a free port of this machine: what the transport's tests talk to.

use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the relay does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Play {
    /// These lines, each with its CRLF added.
    Say(&'static str),
    /// Closes the connection without a word.
    Drop,
    /// Says nothing and keeps the connection.
    Hang,
}

/// What the client did; the script answers it, or leaves it to [`usual`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// It connected, as the so many-th since the start.
    Connected(usize),
    Command(String),
    /// The content as it was on the wire, up to the final dot.
    Content(String),
}

pub(super) type Script = fn(&Heard) -> Option<Play>;

pub(super) struct ScriptedRelay {
    listener: TcpListener,
    script: Script,
    tls: Option<TlsAcceptor>,
    tls_at_once: bool,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl ScriptedRelay {
    pub(super) async fn new(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { listener, script, tls: None, tls_at_once: false, heard: Arc::default() }
    }

    /// With a certificate for `name`, which is returned as PEM.
    pub(super) fn with_certificate(mut self, name: &str) -> (Self, Vec<u8>) {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let chain: Vec<CertificateDer<'static>> = vec![made.cert.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        self.tls = Some(TlsAcceptor::from(Arc::new(config)));
        (self, made.cert.pem().into_bytes())
    }

    /// TLS from the first byte.
    pub(super) fn at_once(mut self) -> Self {
        self.tls_at_once = true;
        self
    }

    pub(super) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// Plays for as long as `client` takes.
    pub(super) async fn during<T>(&self, client: impl Future<Output = T>) -> T {
        tokio::select! {
            done = client => done,
            () = self.serve() => unreachable!("the relay serves for ever"),
        }
    }

    pub(super) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The commands alone, by their words.
    pub(super) fn commands(&self) -> Vec<String> {
        let of = |heard| if let Heard::Command(line) = heard { Some(line) } else { None };
        self.heard().into_iter().filter_map(of).collect()
    }

    /// The contents alone.
    pub(super) fn contents(&self) -> Vec<String> {
        let of = |heard| if let Heard::Content(text) = heard { Some(text) } else { None };
        self.heard().into_iter().filter_map(of).collect()
    }

    async fn serve(&self) {
        let mut talks = FuturesUnordered::new();
        let mut connections = 0;
        loop {
            tokio::select! {
                accepted = self.listener.accept() => {
                    connections += 1;
                    talks.push(self.greet(accepted.unwrap().0, connections));
                }
                Some(()) = talks.next() => {}
            }
        }
    }

    async fn greet(&self, stream: TcpStream, number: usize) {
        if self.tls_at_once {
            let acceptor = self.tls.as_ref().expect("it has a certificate");
            // A client that does not trust the certificate leaves here.
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let mut stream = BufReader::new(stream);
            if self.answer(&mut stream, Heard::Connected(number)).await {
                self.talk(&mut stream).await;
            }
            return;
        }
        let mut stream = BufReader::new(stream);
        if self.answer(&mut stream, Heard::Connected(number)).await && self.talk(&mut stream).await {
            let acceptor = self.tls.as_ref().expect("it has a certificate");
            let Ok(stream) = acceptor.accept(stream.into_inner()).await else { return };
            self.talk(&mut BufReader::new(stream)).await;
        }
    }

    /// Answers commands until the client goes or the script ends it; true if it ended with STARTTLS.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut BufReader<S>) -> bool {
        loop {
            let Some(line) = read_line(stream).await else { return false };
            let verb = line.split(' ').next().unwrap_or_default().to_owned();
            let heard = Heard::Command(line);
            let play = self.play(&heard);
            if !self.answer(stream, heard).await {
                return false;
            }
            if verb == "STARTTLS" && matches!(play, Play::Say(answer) if answer.starts_with("220")) {
                return true;
            }
            if verb == "DATA" && play == Play::Say("354 go on") && !self.take_content(stream).await {
                return false;
            }
        }
    }

    /// Takes what follows a DATA that was answered with 354.
    async fn take_content<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut BufReader<S>) -> bool {
        let mut content = String::new();
        loop {
            let Some(line) = read_line(stream).await else { return false };
            if line == "." {
                return self.answer(stream, Heard::Content(content)).await;
            }
            content.push_str(&line);
            content.push_str("\r\n");
        }
    }

    fn play(&self, heard: &Heard) -> Play {
        (self.script)(heard).unwrap_or_else(|| usual(heard))
    }

    /// Notes what was heard and answers it; false if the connection is to be closed.
    async fn answer<S: AsyncWrite + Unpin>(&self, stream: &mut S, heard: Heard) -> bool {
        let play = self.play(&heard);
        self.heard.lock().unwrap().push(heard);
        match play {
            Play::Say(lines) => stream.write_all(format!("{lines}\r\n").as_bytes()).await.is_ok(),
            Play::Drop => false,
            Play::Hang => std::future::pending().await,
        }
    }
}

/// One line up to CRLF; `None` at the end of the connection.
async fn read_line<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        if stream.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
    }
    line.truncate(line.len() - 2);
    Some(String::from_utf8(line).expect("the tests send text"))
}

/// What a friendly relay says.
fn usual(heard: &Heard) -> Play {
    let Heard::Command(line) = heard else {
        return match heard {
            Heard::Connected(_) => Play::Say("220 relay.example ESMTP"),
            _ => Play::Say("250 2.0.0 queued"),
        };
    };
    match line.split(' ').next().unwrap_or_default() {
        "EHLO" => Play::Say("250-relay.example\r\n250 SIZE 10000000"),
        "DATA" => Play::Say("354 go on"),
        "STARTTLS" => Play::Say("220 2.0.0 go ahead"),
        "AUTH" => Play::Say("235 2.7.0 welcome"),
        "QUIT" => Play::Say("221 2.0.0 bye"),
        _ => Play::Say("250 2.1.0 ok"),
    }
}
