//! The real program as a process: killed, stopped under load, in front of relays that misbehave.

mod faults;
mod program;
mod sink;
mod storm;
