//! The real program as a process: killed, stopped under load, in front of relays that misbehave.

mod disk;
mod flood;
mod fsync;
mod program;
mod relay;
mod sink;
mod storm;
mod viewings;

/// Says loudly that a story was not told because `part` is missing; where `FINGERPOST_REQUIRE` names it, that is a failure.
fn skip(part: &str, why: &str) {
    use std::io::Write;

    let required = std::env::var("FINGERPOST_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|wanted| wanted == part), "{part} is required: {why}");
    // Not by a macro, whose output the test runner would keep to itself.
    std::io::stderr().write_all(format!("\nSKIPPED: {why}\n\n").as_bytes()).unwrap();
}
