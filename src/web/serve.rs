//! The accept loop of the pages: a deadline for request heads, a cap on connections, and an orderly stop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::web::limits::PeerAddress;

/// Connections at once on one listener; the next ones wait in the kernel's queue.
const CONNECTIONS: usize = 512;
/// A client that is slower with the head of a request holds the place of another; this ends idle connections too.
const HEAD_TIME: Duration = Duration::from_secs(15);
/// Whoever reads an answer byte by byte gives the place back after this long.
const CONNECTION_LIFE: Duration = Duration::from_secs(600);
/// A request head is a cookie, a long link and a browser's many words; hyper's own limit is 400 KiB.
const HEAD_MAX: usize = 64 * 1024;
/// Without a pause a loop that is out of file descriptors would spin until a connection ends.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Serves `router` until told to stop; the connections run in `tasks`, and those with an open request answer it first.
pub async fn serve(listener: TcpListener, router: Router, tasks: TaskTracker, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => return,
            place = Arc::clone(&places).acquire_owned() => place.expect("the places are never closed"),
        };
        let Some((stream, peer)) = next(&listener, &stop).await else { return };
        let (router, stop) = (router.clone(), stop.clone());
        tasks.spawn(async move {
            attend(stream, peer, router, stop).await;
            drop(place);
        });
    }
}

/// The next connection; `None` once we are to stop.
async fn next(listener: &TcpListener, stop: &CancellationToken) -> Option<(TcpStream, SocketAddr)> {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return None,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(connection) => return Some(connection),
            Err(error) => tracing::warn!(%error, "a connection to the pages could not be accepted"),
        }
        tokio::select! {
            () = stop.cancelled() => return None,
            () = tokio::time::sleep(AFTER_FAILURE) => {}
        }
    }
}

/// The pages, told with each request who asks.
struct OfPeer {
    peer: PeerAddress,
    pages: TowerToHyperService<Router>,
}

impl Service<Request<Incoming>> for OfPeer {
    type Response = Response;
    type Error = Infallible;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        self.pages.call(request)
    }
}

/// Answers the requests of one connection.
async fn attend<I>(stream: I, peer: SocketAddr, router: Router, stop: CancellationToken)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_MAX)
        .serve_connection(
            TokioIo::new(stream),
            OfPeer { peer: PeerAddress(peer.ip()), pages: TowerToHyperService::new(router) },
        );
    let mut connection = std::pin::pin!(connection);
    let until_stopped = async {
        tokio::select! {
            ended = connection.as_mut() => return ended,
            () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        connection.await
    };
    // A client that went away or was too slow is nothing that an operator could mend.
    if let Ok(Err(error)) = tokio::time::timeout(CONNECTION_LIFE, until_stopped).await {
        tracing::debug!(%error, "a connection to the pages broke off");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio::time::Instant;

    use super::*;

    /// A connection to a router with one page, its far end, and how to stop it.
    fn connected(router: Router) -> (DuplexStream, TaskTracker, CancellationToken) {
        let (client, server) = tokio::io::duplex(1024);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let peer = "192.0.2.1:4711".parse().unwrap();
        tasks.spawn(attend(server, peer, router, stop.clone()));
        tasks.close();
        (client, tasks, stop)
    }

    fn one_page() -> Router {
        Router::new().route("/", get(async || "here"))
    }

    async fn rest(mut client: DuplexStream) -> String {
        let mut bytes = Vec::new();
        client.read_to_end(&mut bytes).await.unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_sends_half_a_head_is_closed_at_the_deadline() {
        let (mut client, tasks, _stop) = connected(one_page());
        let began = Instant::now();
        client.write_all(b"GET / HTTP/1.1\r\nHost: loc").await.unwrap();
        assert!(!rest(client).await.contains("here"));
        tasks.wait().await;
        assert_eq!(began.elapsed().as_secs(), HEAD_TIME.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_drips_its_head_gains_no_time() {
        let (mut client, tasks, _stop) = connected(one_page());
        let began = Instant::now();
        for letter in b"GET / HTTP/1.1\r\nHost: localhost-and-more" {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if client.write_all(&[*letter]).await.is_err() {
                break;
            }
        }
        tasks.wait().await;
        assert!(began.elapsed() <= HEAD_TIME + Duration::from_secs(2), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_asks_nothing_more_is_let_go() {
        let (mut client, tasks, _stop) = connected(one_page());
        client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        assert!(rest(client).await.ends_with("here"));
        tasks.wait().await;
    }

    #[tokio::test(start_paused = true)]
    async fn told_to_stop_a_request_is_answered_first_and_then_the_connection_ends() {
        let slow = async || {
            tokio::time::sleep(Duration::from_secs(5)).await;
            "late but here"
        };
        let (mut client, tasks, stop) = connected(Router::new().route("/", get(slow)));
        client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let told_at = Instant::now();
        stop.cancel();
        assert!(rest(client).await.ends_with("late but here"));
        tasks.wait().await;
        assert_eq!(told_at.elapsed().as_secs(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_reads_does_not_hold_its_place_for_ever() {
        let (mut client, tasks, _stop) = connected(Router::new().route("/", get(async || "x".repeat(100_000))));
        let began = Instant::now();
        client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        tasks.wait().await;
        assert_eq!(began.elapsed(), CONNECTION_LIFE);
    }

    #[tokio::test]
    async fn a_listener_that_is_told_to_stop_takes_no_more() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        tasks.spawn(serve(listener, one_page(), tasks.clone(), stop.clone()));
        stop.cancel();
        tasks.close();
        tasks.wait().await;
    }
}
