//! Forms and the files that wait with them.

use fingerpost::domain::id::{ArrivalId, UploadId};
use fingerpost::domain::report::{CHUNK, Raw};
use fingerpost::store::{TakenForm, Upload};

use crate::house::{House, dice, entry, minutes, noon, tell};

fn upload(name: &str, sha: u8, size: u64) -> Upload {
    let id = UploadId::new(noon(), dice());
    Upload { id, name: name.to_owned(), media_type: "application/zip".to_owned(), size, sha256: [sha; 32] }
}

on_both! {
    async fn a_file_comes_in_by_pieces_and_waits_with_its_form(house: House) {
        let store = house.store().await;
        let file = upload("po\0c.zip", 1, 5);
        let mut tx = store.begin().await.unwrap();
        tx.add_upload_chunk(&file.id, 0, b"abc", noon()).await.unwrap();
        tx.add_upload_chunk(&file.id, 1, b"de", noon()).await.unwrap();
        assert!(tx.finish_upload("mine", &file, noon()).await.unwrap());
        tx.commit().await.unwrap();
        let waiting = store.uploads_of("mine").await.unwrap();
        assert_eq!(waiting, [Upload { name: "po\u{fffd}c.zip".to_owned(), ..file.clone() }]);
        assert_eq!(store.uploaded(&waiting[0]).await.unwrap(), b"abcde");
        assert!(store.uploads_of("another").await.unwrap().is_empty());
        assert_eq!(store.bytes_uploaded().await.unwrap(), 5);
        let cut = Upload { size: 6, ..file };
        assert!(store.uploaded(&cut).await.is_err(), "a piece is missing");
    }

    async fn the_same_file_chosen_again_is_the_same_and_leaves_nothing_behind(house: House) {
        let store = house.store().await;
        let (first, second, other) = (upload("poc.zip", 1, 3), upload("poc.zip", 1, 3), upload("poc.zip", 2, 3));
        let mut tx = store.begin().await.unwrap();
        for file in [&first, &second, &other] {
            tx.add_upload_chunk(&file.id, 0, b"abc", noon()).await.unwrap();
        }
        assert!(tx.finish_upload("mine", &first, noon()).await.unwrap());
        assert!(!tx.finish_upload("mine", &second, noon()).await.unwrap());
        assert!(tx.finish_upload("mine", &other, noon()).await.unwrap(), "another content under the same name");
        tx.commit().await.unwrap();
        assert_eq!(store.uploads_of("mine").await.unwrap(), [first, other]);
        assert_eq!(store.bytes_uploaded().await.unwrap(), 6);
    }

    async fn a_file_is_taken_off_by_its_own_form_alone(house: House) {
        let store = house.store().await;
        let (one, two) = (upload("a", 1, 3), upload("b", 2, 3));
        let mut tx = store.begin().await.unwrap();
        for file in [&one, &two] {
            tx.add_upload_chunk(&file.id, 0, b"abc", noon()).await.unwrap();
            tx.finish_upload("mine", file, noon()).await.unwrap();
        }
        assert!(!tx.remove_upload("another", &one.id).await.unwrap());
        assert!(tx.remove_upload("mine", &one.id).await.unwrap());
        assert!(!tx.remove_upload("mine", &one.id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!((store.uploads_of("mine").await.unwrap().len(), store.bytes_uploaded().await.unwrap()), (1, 3));
        let mut tx = store.begin().await.unwrap();
        tx.remove_uploads_of("mine").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((store.uploads_of("mine").await.unwrap().len(), store.bytes_uploaded().await.unwrap()), (0, 0));
    }

    async fn old_files_and_those_that_broke_off_are_swept(house: House) {
        let store = house.store().await;
        let (old, broken, fresh, given_up) = (upload("a", 1, 1), upload("b", 2, 1), upload("c", 3, 1), upload("d", 4, 1));
        let mut tx = store.begin().await.unwrap();
        for (file, at) in [(&old, noon()), (&broken, noon()), (&fresh, noon() + minutes(2)), (&given_up, noon())] {
            tx.add_upload_chunk(&file.id, 0, b"x", at).await.unwrap();
        }
        tx.finish_upload("mine", &old, noon()).await.unwrap();
        tx.finish_upload("mine", &fresh, noon() + minutes(2)).await.unwrap();
        tx.drop_upload_chunks(&given_up.id).await.unwrap();
        assert_eq!(tx.sweep_uploads(noon() + minutes(1)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(store.uploads_of("mine").await.unwrap(), [fresh]);
        assert_eq!(store.bytes_uploaded().await.unwrap(), 1);
    }

    async fn a_form_is_taken_once_and_known_until_it_is_forgotten(house: House) {
        let store = house.store().await;
        let (first, second) = (ArrivalId::new(noon(), dice()), ArrivalId::new(noon(), dice()));
        assert_eq!(store.taken_form("stamp").await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.take_form("stamp", &[1; 32], &first, noon()).await.unwrap());
        assert!(!tx.take_form("stamp", &[2; 32], &second, noon()).await.unwrap());
        tx.commit().await.unwrap();
        let taken = store.taken_form("stamp").await.unwrap();
        assert_eq!(taken, Some(TakenForm { arrival: first, words: [1; 32] }));
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.forget_forms(noon()).await.unwrap(), 0);
        assert_eq!(tx.forget_forms(noon() + minutes(1)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(store.taken_form("stamp").await.unwrap(), None);
    }

    async fn a_message_kept_with_what_it_came_to_is_there_or_not_as_a_whole(house: House) {
        let store = house.store().await;
        let bytes: Vec<u8> = (0..CHUNK * 2 + 5).map(|at| (at % 251) as u8).collect();
        let message = fingerpost::store::JournalEntry { raw: Raw::Memory(bytes.clone()), ..entry(b"") };
        let mut tx = store.begin().await.unwrap();
        tx.keep(message.clone()).await.unwrap();
        drop(tx);
        assert_eq!(store.arrival(&message.id).await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        tx.keep(message.clone()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.raw(&message.id).await.unwrap(), bytes);
    }

    async fn a_report_is_found_by_its_arrival_and_forwards_of_the_nameless_are_counted_together(house: House) {
        let store = house.store().await;
        let told = tell(&store, "jane@finder.example", noon()).await;
        let reporter = store.reporter_of_arrival(&told.arrival).await.unwrap();
        assert_eq!(reporter, Some(told.reporter.id));
        assert_eq!(store.reporter_of_arrival(&ArrivalId::from_row("none")).await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.automatic_forwards_of_nobody(noon() - minutes(1)).await.unwrap(), 0, "jane has an address");
    }
}
