//! Floor 3: bytes to domain and back. Knows neither the store nor what is done with a mail.

pub mod doors;
pub mod read;
pub mod write;
