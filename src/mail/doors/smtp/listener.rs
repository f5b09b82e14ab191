//! The accept loop: counts connections, turns away what is too much, and starts a session for each of the others.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::limits::Connections;
use super::session::{Host, attend};
use super::{Protocol, SmtpSettings, say};
use crate::mail::doors::Reception;
use crate::world::clock::Clock;
use crate::world::pace::Pace;

/// Without a pause a loop that is out of file descriptors would spin until a connection ends.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// What `SmtpLimits::messages_per_peer` counts in.
const HOUR: Duration = Duration::from_hours(1);

/// Takes connections until `stop` is cancelled; the sessions run in `tasks`.
///
/// After `stop` no connection is taken and sessions between two commands end with 421. One whose message is
/// coming in or being kept finishes that first, so that its client hears the `250` and sends no copy; wait for
/// `tasks` as long as you can afford to, at most `SmtpLimits::message_deadline`.
pub async fn serve<R: Reception>(
    listener: TcpListener,
    protocol: Protocol,
    settings: Arc<SmtpSettings>,
    reception: Arc<R>,
    clock: Arc<dyn Clock>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let connections = Arc::new(Connections::default());
    let pace = Pace::new(settings.limits.messages_per_peer, HOUR, Arc::clone(&clock));
    let host = Arc::new(Host { protocol, settings, reception, clock, pace, stop });
    while let Some((stream, peer)) = next(&listener, &host.stop).await {
        let ip = peer.ip().to_canonical();
        let is_trusted = host.settings.trusts(ip);
        let Some(place) = connections.enter(ip, is_trusted, &host.settings.limits) else {
            turn_away(stream);
            continue;
        };
        let host = Arc::clone(&host);
        tasks.spawn(async move {
            let _place = place;
            // Answers go out in whole batches; waiting for more to send would only slow the client down.
            if stream.set_nodelay(true).is_ok() {
                attend(stream, ip, &host).await;
            }
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
            Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
        }
        tokio::select! {
            () = stop.cancelled() => return None,
            () = tokio::time::sleep(AFTER_FAILURE) => {}
        }
    }
}

/// Says why, without waiting for anything: the send buffer of a new connection is empty.
fn turn_away(stream: TcpStream) {
    if let Ok(mut stream) = stream.into_std() {
        // Who floods us need not hear it.
        let _ = write!(stream, "{}\r\n", say::TOO_MANY_CONNECTIONS);
    }
}
