//! What the settings name on disk: paths and where they count from, certificates, and passwords that stand in files.

use std::path::{Path, PathBuf};

use super::{Flag, Source, TlsFiles};
use crate::config::reader::Section;
use crate::config::secret::Secret;
use crate::config::values::{self, Wrong, quoted};

impl Source<'_> {
    pub(super) fn tls(&self, mail: &Section<'_, '_>) -> Option<TlsFiles> {
        let file = |key| mail.optional(key, |text| self.existing_file(text));
        let (certificate, key) = (file("tls_certificate"), file("tls_key"));
        for (there, missing) in [("tls_certificate", "tls_key"), ("tls_key", "tls_certificate")] {
            if mail.has(there) && !mail.has(missing) {
                let fix = format!("Name the other file in {missing}, or leave both out: then STARTTLS is not offered.");
                mail.fault(&mail.place(there), Wrong::new(format!("stands without {missing}"), fix));
            }
        }
        Some(TlsFiles { certificate: certificate?, key: key? })
    }

    /// The first line of the file that `key` names.
    pub(super) fn password(&self, section: &Section<'_, '_>, key: &str) -> Option<Secret> {
        section.optional(key, |text| {
            let file = self.existing_file(text)?;
            let content = std::fs::read_to_string(&file).map_err(|error| {
                Wrong::new(format!("{} cannot be read ({error})", quoted(text)), "Let this user read it.")
            })?;
            match content.lines().next().map(str::trim).unwrap_or_default() {
                "" => Err(Wrong::new(format!("{} is empty", quoted(text)), "Write the password into its first line.")),
                password => Ok(Secret::from(password.to_owned())),
            }
        })
    }

    fn existing_file(&self, text: &str) -> Result<PathBuf, Wrong> {
        let file = self.folder.join(values::path(text)?);
        if file.is_file() {
            return Ok(file);
        }
        Err(Wrong::new(
            format!("there is no file {}", quoted(text)),
            "Write its path, from / or from the folder of this file.",
        ))
    }

    pub(super) fn path(&self, section: &Section<'_, '_>, key: &str, flag: Option<Flag<'_>>, usual: &str) -> PathBuf {
        self.path_beside(self.folder, section, key, flag, usual)
    }

    /// A path: a flag's counts from where the command runs, a file's from the file, the `usual` one from `beside`.
    pub(super) fn path_beside(
        &self,
        beside: &Path,
        section: &Section<'_, '_>,
        key: &str,
        flag: Option<Flag<'_>>,
        usual: &str,
    ) -> PathBuf {
        if let Some((_, Some(text))) = flag {
            return PathBuf::from(text);
        }
        let from_file = section.optional(key, values::path).map(|path| self.folder.join(path));
        from_file.unwrap_or_else(|| beside.join(usual))
    }
}
