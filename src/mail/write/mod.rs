//! Domain to bytes: the words of letters, their frozen form, and the way to the relay.

pub mod answers;
pub mod build;
pub mod clean;
pub mod flowed;
pub mod form;
pub mod letters;
pub mod thread_index;
pub mod transport;
pub mod withhold;
