//! Connections are kept, tested before reuse, and few.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn one_connection_serves_letter_after_letter_and_a_refusal_between_them() {
    let relay = ScriptedRelay::new(|h| says(h, "RCPT TO:<gone@", "550 5.1.1 gone")).await;
    let transport = transport(settings(&relay));
    let (one, gone) = (Given::to("keeper@larkspur.example"), Given::to("gone@larkspur.example"));
    relay
        .during(async {
            assert!(matches!(transport.send(&one.letter(CONTENT)).await, Delivery::Sent { .. }));
            assert!(matches!(transport.send(&gone.letter(CONTENT)).await, Delivery::Refused { .. }));
            assert!(matches!(transport.send(&one.letter(CONTENT)).await, Delivery::Sent { .. }));
        })
        .await;
    assert_eq!(relay.heard().iter().filter(|h| matches!(h, Heard::Connected(_))).count(), 1);
    assert_eq!(relay.commands().iter().filter(|line| *line == "RSET").count(), 2);
}

#[tokio::test]
async fn a_connection_that_died_meanwhile_costs_the_next_letter_nothing() {
    let scripts: [Script; 2] = [|h| says(h, "RSET", "421 4.4.2 idle for too long"), |h| drops(h, "RSET")];
    for script in scripts {
        let relay = ScriptedRelay::new(script).await;
        let transport = transport(settings(&relay));
        let given = Given::to("keeper@larkspur.example");
        relay
            .during(async {
                for _ in 0..3 {
                    assert!(matches!(transport.send(&given.letter(CONTENT)).await, Delivery::Sent { .. }));
                }
            })
            .await;
        assert_eq!(relay.heard().iter().filter(|h| matches!(h, Heard::Connected(_))).count(), 3);
    }
}

#[tokio::test]
async fn a_connection_that_lay_idle_is_closed_and_not_used_again() {
    let relay = ScriptedRelay::new(|_| None).await;
    let transport = limited(settings(&relay), Limits { idle: Duration::ZERO, ..Limits::default() });
    let given = Given::to("keeper@larkspur.example");
    relay
        .during(async {
            for _ in 0..2 {
                assert!(matches!(transport.send(&given.letter(CONTENT)).await, Delivery::Sent { .. }));
            }
        })
        .await;
    let commands = relay.commands();
    assert!(commands.contains(&"QUIT".to_owned()) && !commands.contains(&"RSET".to_owned()), "{commands:?}");
}

#[tokio::test]
async fn a_probe_opens_the_connection_that_the_next_letter_uses_and_closing_says_goodbye() {
    let relay = ScriptedRelay::new(|_| None).await;
    let smtp = SmtpTransport::new(settings(&relay)).unwrap();
    let given = Given::to("keeper@larkspur.example");
    relay
        .during(async {
            smtp.probe().await.unwrap();
            assert!(matches!(smtp.send(&given.letter(CONTENT)).await, Delivery::Sent { .. }));
            smtp.close_idle().await;
        })
        .await;
    assert_eq!(relay.heard().iter().filter(|h| matches!(h, Heard::Connected(_))).count(), 1);
    assert_eq!(relay.commands().last().unwrap(), "QUIT");
}

#[tokio::test]
async fn at_most_four_letters_are_on_their_way_at_a_time() {
    let relay = ScriptedRelay::new(|h| matches!(h, Heard::Content(_)).then_some(Play::Hang)).await;
    let impatient = Limits { all: Duration::from_millis(200), ..Limits::default() };
    let transport = limited(settings(&relay), impatient);
    let given = Given::to("keeper@larkspur.example");
    let letter = given.letter(CONTENT);
    relay
        .during(async {
            let four = futures_util::future::join_all((0..4).map(|_| transport.send(&letter)));
            let fifth = transport.send(&letter);
            tokio::select! {
                biased;
                done = four => assert!(done.iter().all(|d| matches!(d, Delivery::Deferred { .. })), "{done:?}"),
                _ = fifth => panic!("the fifth cannot be done before the four"),
            }
        })
        .await;
    assert_eq!(relay.heard().iter().filter(|h| matches!(h, Heard::Connected(_))).count(), 4);
}

#[tokio::test]
async fn a_letter_may_be_sent_from_any_thread() {
    fn sendable<T: Send>(future: T) -> T {
        future
    }
    let transport = Transport::Memory(MemoryTransport::new());
    let given = Given::to("keeper@larkspur.example");
    assert!(matches!(sendable(transport.send(&given.letter(CONTENT))).await, Delivery::Sent { .. }));
}
