//! `fingerpost init`: writes starting files that pass `check` and explain themselves.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const FILES: [(&str, &str); 2] = [
    ("fingerpost.toml", include_str!("../config/starting/fingerpost.toml")),
    ("projects.toml", include_str!("../config/starting/projects.toml")),
];

/// Write a commented fingerpost.toml and a starting projects.toml
///
/// Nothing is overwritten. Example: fingerpost init --dir /etc/fingerpost
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct InitArgs {
    /// The folder to write into
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub dir: PathBuf,
}

/// Why nothing, or not all, was written.
#[derive(Debug, thiserror::Error)]
enum NotWritten {
    #[error("{0} is there already and nothing was written. Move it away, or choose another folder with --dir")]
    Exists(PathBuf),
    #[error("{path} cannot be written: {error}. Choose another folder with --dir")]
    Io { path: PathBuf, error: io::Error },
}

/// Writes both files or says why not; the exit code is 1 then.
pub fn run(args: &InitArgs) -> ExitCode {
    match write_files(&args.dir) {
        Ok(written) => {
            for path in written {
                let _ = writeln!(io::stdout(), "wrote {}", path.display());
            }
            let _ = writeln!(io::stdout(), "Replace the examples in both, then run: fingerpost check");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "fingerpost init: {error}.");
            ExitCode::FAILURE
        }
    }
}

fn write_files(folder: &Path) -> Result<Vec<PathBuf>, NotWritten> {
    let failed = |path: &Path, error| NotWritten::Io { path: path.to_owned(), error };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let paths = FILES.map(|(name, _)| folder.join(name));
    if let Some(there) = paths.iter().find(|path| path.symlink_metadata().is_ok()) {
        return Err(NotWritten::Exists(there.clone()));
    }
    for (path, (_, text)) in paths.iter().zip(FILES) {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| failed(path, error))?;
    }
    Ok(paths.into())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::args::SettingsArgs;
    use crate::config::settings::Settings;

    #[test]
    fn what_init_writes_passes_check_and_says_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        write_files(folder.path()).unwrap();
        let config = Some(folder.path().join("fingerpost.toml").display().to_string());
        let args = SettingsArgs { config, ..SettingsArgs::default() };
        let (written, _) = crate::config::load(&args).unwrap();

        // Every key stands in the file, commented out where the default holds: uncommented, nothing changes.
        let uncommented: String = FILES[0]
            .1
            .lines()
            .map(|line| line.strip_prefix('#').filter(|l| !l.starts_with(' ')).unwrap_or(line).to_owned() + "\n")
            .collect();
        fs::write(folder.path().join("fingerpost.toml"), uncommented).unwrap();
        // Where a value stands is another matter: the file says it now.
        let same = |settings: Settings| Settings { shown: Vec::new(), ..settings };
        assert_eq!(same(crate::config::load(&args).unwrap().0), same(written));
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_is_written_beside_a_file_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("projects.toml"), "mine").unwrap();
        let error = write_files(folder.path()).unwrap_err();
        assert!(error.to_string().contains("projects.toml is there already"), "{error}");
        assert_eq!(fs::read_to_string(folder.path().join("projects.toml")).unwrap(), "mine");
        assert!(!folder.path().join("fingerpost.toml").exists());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = write_files(&file.path().join("below")).unwrap_err();
        assert!(error.to_string().contains("cannot be written"), "{error}");
    }
}
