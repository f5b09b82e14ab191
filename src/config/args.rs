//! The settings as flags and `FINGERPOST_…` variables; all are read as text, so that their faults join the others.

use crate::config::secret::Secret;

/// Flags of every command that needs the settings. A flag goes before its variable, both before the file.
///
/// A command flattens them last: their heading would stand over all flags that follow.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Settings")]
pub struct SettingsArgs {
    /// The settings file [default: fingerpost.toml, if there is one]
    #[arg(long, value_name = "FILE", env = "FINGERPOST_CONFIG")]
    pub config: Option<String>,

    /// The foundation's file of people and projects [default: projects.toml]
    #[arg(long, value_name = "FILE", env = "FINGERPOST_PROJECTS")]
    pub projects: Option<String>,

    /// Where cases are kept: sqlite://FILE or postgres://… [default: sqlite://fingerpost.db]
    #[arg(long, value_name = "URL", env = "FINGERPOST_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<Secret>,

    /// Where the pages are served [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT", env = "FINGERPOST_HTTP")]
    pub http: Option<String>,

    /// Where mail comes in by SMTP, or off [default: 127.0.0.1:2525]
    #[arg(long, value_name = "ADDR:PORT", env = "FINGERPOST_SMTP")]
    pub smtp: Option<String>,

    /// Where mail comes in by LMTP, or off [default: off]
    #[arg(long, value_name = "ADDR:PORT", env = "FINGERPOST_LMTP")]
    pub lmtp: Option<String>,

    /// Where /healthz and /readyz are served, or off [default: 127.0.0.1:9464]
    #[arg(long, value_name = "ADDR:PORT", env = "FINGERPOST_OPS")]
    pub ops: Option<String>,

    /// Where letters go out: smtp://HOST, smtp+starttls://USER@HOST or smtps://USER@HOST, or off [default: off]
    #[arg(long, value_name = "URL", env = "FINGERPOST_RELAY", hide_env_values = true)]
    pub relay: Option<Secret>,

    /// Where the pages are reached from outside [default: public_url of projects.toml]
    #[arg(long, value_name = "URL", env = "FINGERPOST_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// The key from which addresses and links are made [default: fingerpost.key beside the database]
    #[arg(long, value_name = "FILE", env = "FINGERPOST_KEY_FILE")]
    pub key_file: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::Args as _;

    use super::*;

    #[test]
    fn every_flag_has_the_variable_of_its_name_and_a_help() {
        let command = SettingsArgs::augment_args(clap::Command::new("test"));
        for flag in command.get_arguments() {
            let name = flag.get_long().unwrap();
            let variable = format!("FINGERPOST_{}", name.to_uppercase().replace('-', "_"));
            assert_eq!(flag.get_env().unwrap().to_str(), Some(variable.as_str()), "--{name}");
            assert!(flag.get_help().is_some(), "--{name}");
        }
    }

    #[test]
    fn the_flags_show_no_password_when_they_are_printed() {
        let args = SettingsArgs {
            database_url: Some("postgres://me:hunter2@db/x".to_owned().into()),
            relay: Some("smtp://me:hunter2@relay".to_owned().into()),
            ..SettingsArgs::default()
        };
        assert!(!format!("{args:?}").contains("hunter2"));
    }
}
