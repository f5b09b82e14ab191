//! Marks: facts of the whole house with their time.

use crate::house::{House, minutes, noon};

on_both! {
    async fn a_mark_stands_where_it_was_set_last(house: House) {
        let store = house.store().await;
        assert_eq!(store.marked("digest").await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        tx.mark("digest", noon()).await.unwrap();
        tx.mark("digest", noon() + minutes(1)).await.unwrap();
        tx.mark("proof", noon()).await.unwrap();
        assert_eq!(tx.marked("digest").await.unwrap(), Some(noon() + minutes(1)));
        tx.commit().await.unwrap();
        assert_eq!(store.marked("digest").await.unwrap(), Some(noon() + minutes(1)));
        let marks = store.marks().await.unwrap();
        assert_eq!(marks.at("digest"), Some(noon() + minutes(1)));
        assert_eq!((marks.at("proof"), marks.at("none")), (Some(noon()), None));
    }

    async fn a_mark_is_moved_by_one_alone(house: House) {
        let store = house.store().await;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.move_mark("digest", None, noon()).await.unwrap(), "it was nowhere");
        assert!(!tx.move_mark("digest", None, noon()).await.unwrap(), "now it is somewhere");
        assert!(tx.move_mark("digest", Some(noon()), noon() + minutes(1)).await.unwrap());
        assert!(!tx.move_mark("digest", Some(noon()), noon() + minutes(1)).await.unwrap(), "another was first");
        tx.commit().await.unwrap();
    }
}
