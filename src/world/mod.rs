//! Floor 2: what lies beside the house and cannot be decided: the time, chance, DNS, how often others ask.

pub mod clock;
pub mod dice;
pub mod dns;
pub mod pace;
