//! What the operator and the foundation have written down, read whole or refused with every fault named.

pub mod advice;
pub mod args;
pub mod database;
pub mod entry;
pub mod faults;
pub mod key;
mod overlap;
mod people;
pub mod policy;
mod reader;
pub mod relay;
pub mod secret;
pub mod settings;
mod values;
pub mod watch;
pub mod write;

use crate::config::args::SettingsArgs;
use crate::config::faults::ConfigError;
use crate::config::settings::Settings;
use crate::domain::directory::Directory;

/// Reads the settings and the policy they name; the error holds the faults of both.
pub fn load(args: &SettingsArgs) -> Result<(Settings, Directory), ConfigError> {
    let found = settings::read(args);
    let directory = policy::load(&found.projects);
    match (found.settings, directory) {
        (Ok(settings), Ok(directory)) => Ok((settings, directory)),
        (settings, directory) => {
            let faults = settings.err().into_iter().chain(directory.err()).flat_map(|error| error.0);
            Err(ConfigError(faults.collect()))
        }
    }
}
