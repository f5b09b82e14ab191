//! The accept loop: connections counted, and an end that loses and doubles nothing.

use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

use super::*;
use crate::mail::doors::smtp::serve;

/// A listener on loopback with at most two connections per peer.
struct Open {
    address: std::net::SocketAddr,
    tasks: TaskTracker,
    stop: CancellationToken,
    stage: Stage,
}

impl Open {
    async fn with(adjust: impl FnOnce(&mut SmtpSettings)) -> Self {
        let stage = Stage::with(Protocol::Smtp, |settings| {
            settings.limits.connections_per_peer = 2;
            settings.limits.connections = 3;
            adjust(settings);
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let Host { settings, reception, clock, .. } = &stage.host;
        tasks.spawn(serve(
            listener,
            Protocol::Smtp,
            Arc::clone(settings),
            Arc::clone(reception),
            Arc::clone(clock),
            tasks.clone(),
            stop.clone(),
        ));
        Self { address, tasks, stop, stage }
    }

    async fn connect(&self) -> (Client<TcpStream>, String) {
        let mut client = Client(TcpStream::connect(self.address).await.unwrap());
        let greeting = client.hears().await;
        (client, greeting)
    }
}

#[tokio::test]
async fn a_peer_with_too_many_connections_is_turned_away_until_one_ends() {
    let open = Open::with(|_| {}).await;
    let (mut first, _) = open.connect().await;
    let (_second, _) = open.connect().await;
    let (mut third, greeting) = open.connect().await;
    assert_eq!(greeting, "421 4.7.0 too many connections; try again later\r\n");
    assert_eq!(third.hears_the_end().await, "");

    first.asks("QUIT").await;
    assert_eq!(first.hears_the_end().await, "");
    drop(first);
    while !open.connect().await.1.starts_with("220 ") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_front_mta_is_only_bound_by_the_limit_for_all() {
    let open = Open::with(|settings| settings.trusted_peers.push("127.0.0.0/8".parse().unwrap())).await;
    let (_first, _) = open.connect().await;
    let (_second, _) = open.connect().await;
    let (_third, greeting) = open.connect().await;
    assert!(greeting.starts_with("220 "));
    assert!(open.connect().await.1.starts_with("421 "));
}

#[tokio::test]
async fn on_stop_idle_sessions_end_and_a_message_coming_in_is_finished() {
    let open = Open::with(|_| {}).await;
    let (mut idle, _) = open.connect().await;
    let (mut busy, _) = open.connect().await;
    busy.says(ENVELOPE).await;
    for _ in 0..4 {
        busy.hears().await;
    }
    busy.says("half of ").await;
    open.stop.cancel();
    open.tasks.close();

    assert!(idle.hears_the_end().await.starts_with("421 4.3.2 "));
    drop(idle);
    busy.says("a message\r\n.\r\nMAIL FROM:<>\r\n").await;
    let end = busy.hears_the_end().await;
    assert!(end.starts_with("250 2.0.0 kept as "), "{end}");
    assert!(end.ends_with("\r\n421 4.3.2 this server is stopping; try again in a moment\r\n"), "{end}");
    drop(busy);
    open.tasks.wait().await;
    assert_eq!(open.stage.arrivals().len(), 1);
    assert!(TcpStream::connect(open.address).await.is_err(), "nobody listens any more");
}
