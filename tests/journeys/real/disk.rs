//! P6: on a full disk nothing is promised, nothing that was promised is lost, and no hand is needed after.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::program::{Client, Program, report};
use super::sink::{Mood, Sink};
use super::storm::accounted;

/// Sends mails until one is refused for want of room; the numbers of those that were acknowledged.
async fn fill(program: &Program) -> Vec<usize> {
    let padding = format!("{}\r\n", "x".repeat(70)).repeat(600);
    let mut client = Client::connect(program.smtp).await.unwrap();
    for number in 0..500 {
        let (sender, message) = report(number);
        let answer = client.send(&sender, &(message + &padding)).await.expect("an answer, not a broken connection");
        if !answer.starts_with("250") {
            assert!(answer.starts_with("45"), "{answer}");
            assert!(number > 0, "the first finds room");
            return (0..number).collect();
        }
    }
    panic!("the disk does not fill");
}

/// Sends one mail, for which there is room.
async fn one_more(program: &Program, number: usize) {
    let (sender, message) = report(number);
    let answer = Client::connect(program.smtp).await.unwrap().send(&sender, &message).await.unwrap();
    assert!(answer.starts_with("250"), "it recovers without hands: {answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_may_not_grow_are_answered_with_4xx_and_after_a_restart_all_that_was_acknowledged_is_there() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        return super::skip("prlimit", "prlimit is not installed (apt-get install util-linux)");
    }
    let sink = Sink::open(Mood::Takes).await;
    let mut program = Program::new(sink.address);
    program.start();
    assert!(program.stop(), "the tables are made");
    // Writing beyond fails with EFBIG.
    program.start_under(&["prlimit", "--fsize=1500000:1500000", env!("CARGO_BIN_EXE_fingerpost")]);
    let mut taken = fill(&program).await;
    program.kill();

    program.start();
    one_more(&program, 1000).await;
    program.kill();
    taken.push(1000);
    accounted(&program.finish().await, taken).await;
}

/// A file system of its own, gone when this is dropped.
struct SmallDisk {
    at: PathBuf,
    _folder: TempDir,
}

impl SmallDisk {
    /// `None` where we may not mount.
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("disk");
        std::fs::create_dir(&at).unwrap();
        let options = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&at).output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then_some(Self { at, _folder: folder })
    }

    fn path(&self) -> &Path {
        &self.at
    }

    fn grow(&self, size: &str) {
        let options = format!("remount,size={size}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.at).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: whatever is still open in it ends with this process.
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_answered_with_4xx_until_there_is_room_again_and_nothing_acknowledged_is_lost() {
    let Some(disk) = SmallDisk::mount("4m") else {
        return super::skip("mount", "a small file system cannot be mounted here (it takes root)");
    };
    let sink = Sink::open(Mood::Takes).await;
    let mut program = Program::within(disk.path(), sink.address);
    program.start();
    let mut taken = fill(&program).await;
    disk.grow("64m");
    one_more(&program, 1000).await;
    taken.push(1000);
    assert!(program.stop());
    accounted(&program.finish().await, taken).await;
}
