//! What holds for any text whatever.

use super::*;

proptest::proptest! {
    #[test]
    fn nothing_is_added_and_no_text_is_too_odd(text in "([a-z>:@< -]{0,12}(\n|\r\n)?){0,40}") {
        let words = visible(&text);
        let lines: Vec<&str> = text.lines().collect();
        for line in words.lines().filter(|line| !line.is_empty()) {
            proptest::prop_assert!(lines.contains(&line), "{:?} in {:?}", line, text);
        }
    }
}
