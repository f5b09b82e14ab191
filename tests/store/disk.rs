//! A full disk, a missing file: nothing that was promised is lost, nothing is promised that is not there, and no hand is needed after.

use std::process::Command;

use fingerpost::store::{Claimer, DatabaseUrl, Role, Store, StoreError};

use crate::house::{House, entry, noon, tell};

const DATABASE: &str = "FINGERPOST_TEST_DATABASE";

/// The test binary runs this one story again, as a process whose files may not grow beyond 2 MiB.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_that_was_promised_and_needs_no_hand_after() {
    if let Ok(path) = std::env::var(DATABASE) {
        return in_a_process_with_little_disk(&DatabaseUrl::Sqlite(path.into())).await;
    }
    let house = House::on_sqlite();
    let DatabaseUrl::Sqlite(path) = &house.url else { unreachable!() };
    let output = Command::new("/bin/sh")
        // Ignored, the signal becomes an error of the write, as on a full disk.
        .args(["-c", "trap '' XFSZ; ulimit -S -f 8192; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "disk::a_full_disk_loses_nothing_that_was_promised_and_needs_no_hand_after", "--nocapture"])
        .env(DATABASE, path)
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert!(house.node("boot-2").await.unfiled().await.unwrap() > 20, "the other process did keep something");
}

async fn in_a_process_with_little_disk(url: &DatabaseUrl) {
    let store = Store::open(url, Role::Worker, Claimer::new("node", "boot")).await.unwrap();
    let mut kept = Vec::new();
    let mut refused = 0;
    while refused < 20 {
        let message = entry(&[b'x'; 6_000]);
        match store.keep(message.clone()).await {
            Ok(()) => kept.push(message.id),
            Err(StoreError::Unavailable(_)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
        assert!(kept.len() < 10_000, "the disk does not fill");
    }
    assert!(kept.len() > 20, "{} were kept", kept.len());
    let large = store.keep(entry(&vec![b'x'; 3_000_000])).await;
    assert!(matches!(large, Err(StoreError::Unavailable(_))), "{large:?}");
    for id in &kept {
        assert_eq!(store.raw(id).await.unwrap().len(), 6_000, "reading goes on");
    }

    let process = std::process::id().to_string();
    let freed = Command::new("prlimit").args(["--pid", &process, "--fsize=unlimited"]).status().unwrap();
    assert!(freed.success());

    tell(&store, "jane@finder.example", noon()).await;
    assert_eq!(store.unfiled().await.unwrap(), kept.len() as i64 + 1, "what was refused is not there");
    for id in &kept {
        assert_eq!(store.raw(id).await.unwrap().len(), 6_000);
    }
}

#[tokio::test]
async fn nothing_is_promised_while_the_file_of_the_database_is_gone_or_another() {
    let house = House::on_sqlite();
    let store = house.store().await;
    let DatabaseUrl::Sqlite(path) = &house.url else { unreachable!() };
    let aside = path.with_extension("aside");
    std::fs::rename(path, &aside).unwrap();
    let gone = store.keep(entry(b"x")).await;
    assert!(matches!(&gone, Err(StoreError::Unavailable(why)) if why.contains("fingerpost.db")), "{gone:?}");
    assert!(store.ready().await.is_err() && store.begin().await.is_err());
    std::fs::write(path, b"").unwrap();
    assert!(matches!(store.keep(entry(b"x")).await, Err(StoreError::Unavailable(_))));
    std::fs::rename(&aside, path).unwrap();
    store.keep(entry(b"x")).await.unwrap();
    store.ready().await.unwrap();
}
