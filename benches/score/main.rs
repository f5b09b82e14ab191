//! `cargo score [-- PART…] [--errors FILE]`: the judge and the readers of mail over the corpus beside the project.
//!
//! The corpus is read in place (`../shared/corpus`, or the folder in `FINGERPOST_CORPUS`). Parts: `scorer` prints the table of
//! its own scorer, `suspected` that of quarantine; `foundations`, `calibration`, `folds`, `held-back`, `curve` and
//! `ablation` are ours, in Markdown for `docs/ROUTING.md`. Without a part, all of them. Predictions and the renamed
//! texts go to `target/score/`. `--errors FILE` is passed on to the scorer. How fast the judge is: `cargo bench --bench judge`.

mod corpus;
mod curve;
mod predict;
mod rename;
mod suspected;
mod tables;
mod tally;
mod texts;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;
use corpus::{FOUNDATIONS, Listed, lines, listed};
use fingerpost::domain::address::{Mailbox, OwnAddresses};
use predict::{Asked, LABELS, TEXTS};
use tables::{Bench, List};
use texts::{Label, Row};

fn main() -> anyhow::Result<()> {
    let args = Args::read()?;
    let corpus = corpus::folder()?;
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/score");
    let mails = unpacked(&corpus, &target)?;
    let own = OwnAddresses::of(Mailbox::parse("security@foundation.example")?);
    let [routing, elsewhere] = TEXTS.map(|file| lines::<Row>(&corpus.join(file)));
    let (routing, elsewhere) = (routing?, elsewhere?);
    let labels: Vec<Label> = lines(&corpus.join(LABELS))?;
    let lists = FOUNDATIONS
        .iter()
        .map(|&foundation| Ok((foundation, listed(&corpus, foundation)?)))
        .collect::<anyhow::Result<Vec<(&str, Vec<Listed>)>>>()?;

    let judges: Vec<List> = lists.iter().map(|(name, listed)| List::new(name, listed)).collect();
    let texts = [routing.as_slice(), elsewhere.as_slice()].concat();
    if args.wants("scorer") {
        let asked = Asked { corpus: &corpus, lists: &judges, texts: &texts, labels: &labels, mails: &mails, own: &own };
        let predicted = target.join("predicted.jsonl");
        fs::write(&predicted, asked.predictions()?.join("\n") + "\n")?;
        predict::score(&corpus, &predicted, &args.passed_on)?;
    }
    if args.wants("suspected") {
        suspected::suspected(&mails, &texts, &labels, &judges[0], &own)?;
    }
    let mails = texts::mails(&mails, &labels, &own)?;
    let bench = Bench::new(judges, &lists, routing, vec![("texts that are no reports", elsewhere), ("mails", mails)]);
    write_renamed(&bench, &target)?;
    for (part, table) in TABLES {
        if args.wants(part) {
            table(&bench);
        }
    }
    Ok(())
}

/// A part that prints a table of ours.
type Part = (&'static str, fn(&Bench));

const TABLES: [Part; 6] = [
    ("foundations", tables::foundations),
    ("calibration", tables::calibration),
    ("folds", tables::folds),
    ("held-back", curve::held_back),
    ("curve", curve::curve),
    ("ablation", curve::ablation),
];

/// What the command line asks for.
struct Args {
    /// Names of parts; none for all.
    parts: Vec<String>,
    /// For the scorer.
    passed_on: Vec<String>,
}

impl Args {
    fn read() -> anyhow::Result<Self> {
        let mut read = Self { parts: Vec::new(), passed_on: Vec::new() };
        let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench" && arg != "--");
        while let Some(arg) = args.next() {
            if arg == "--errors" {
                read.passed_on.push(arg);
                read.passed_on.extend(args.next());
            } else {
                let is_part = ["scorer", "suspected"].contains(&&*arg) || TABLES.iter().any(|(part, _)| *part == arg);
                ensure!(is_part, "there is no part `{arg}`: benches/score/main.rs names them");
                read.parts.push(arg);
            }
        }
        Ok(read)
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|name| name == part)
    }
}

/// Unpacks the archive of mails and says where.
fn unpacked(corpus: &Path, target: &Path) -> anyhow::Result<PathBuf> {
    let folder = target.join("mails");
    fs::create_dir_all(&folder)?;
    let archive = corpus.join("mail_dev.tar.gz");
    let status = Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&folder).status()?;
    ensure!(status.success(), "cannot unpack {}", archive.display());
    Ok(folder)
}

/// Keeps the renamed texts, for whoever wants to look at one that went wrong.
fn write_renamed(bench: &Bench, target: &Path) -> anyhow::Result<()> {
    let rows = bench.renamed.iter().flat_map(|(_, rows)| rows);
    let lines = rows.map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(fs::write(target.join("renamed.jsonl"), lines.join("\n") + "\n")?)
}
