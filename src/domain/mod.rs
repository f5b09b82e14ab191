//! Floor 0: what things are and what is decided. Pure: no IO, no async, the time is an argument.

pub mod abuse;
pub mod access;
pub mod address;
pub mod ban;
pub mod bounce;
pub mod case;
pub mod clock;
pub mod contact;
pub mod contact_change;
pub mod delivery;
pub mod directory;
pub mod echo;
pub mod form;
pub mod handling;
pub mod id;
pub mod judgement;
pub mod knowledge;
pub mod ladder;
pub mod letter;
pub mod near;
pub mod noise;
pub mod party;
pub mod phrases;
pub mod report;
pub mod security_txt;
pub mod spam;
