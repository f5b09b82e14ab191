//! Finds a project whose name a text almost says: one letter is missing, too many, another, or two are swapped.
//!
//! Whoever publishes a look-alike package counts on that mistake, so it makes a suggestion and no more.

use std::collections::HashMap;

use crate::judge::fold::fold_name;
use crate::judge::handles::Handle;

/// Shorter names are one letter away from too many words.
const SHORTEST: usize = 7;

/// The rare names of a directory by every text that they are with one letter left out.
#[derive(Debug, Default)]
pub struct Misspellings {
    /// Folded name of each handle.
    names: Vec<(String, Handle)>,
    /// Hash-free: the shortened text itself, to the names that it comes from.
    shortened: HashMap<String, Vec<usize>>,
}

impl Misspellings {
    /// Learns the names among `handles`.
    pub fn of<'h>(handles: impl Iterator<Item = (&'h str, &'h Handle)>) -> Self {
        let mut all = Self::default();
        for (name, handle) in handles.filter(|(name, handle)| handle.is_named() && is_rare(name, handle)) {
            let index = all.names.len();
            all.names.push((name.to_owned(), handle.clone()));
            for text in shortened(name).chain([name.to_owned()]) {
                let known = all.shortened.entry(text).or_default();
                if known.last() != Some(&index) {
                    known.push(index);
                }
            }
        }
        all
    }

    /// The project that `written` almost names; `None` if it names none, or names one rightly.
    pub fn almost(&self, written: &str) -> Option<&Handle> {
        let said = fold_name(written);
        if said.len() + 1 < SHORTEST || self.shortened.is_empty() {
            return None;
        }
        let near = shortened(&said).chain([said.clone()]).filter_map(|text| self.shortened.get(&text)).flatten();
        let mut close = near.map(|&index| &self.names[index]).filter(|(name, _)| is_one_off(name, &said));
        let (_, first) = close.next()?;
        close.all(|(_, other)| other.project == first.project).then_some(first)
    }
}

fn is_rare(name: &str, handle: &Handle) -> bool {
    name.is_ascii() && name.len() >= SHORTEST && !name.contains(' ') && !handle.is_common && !handle.is_coordinate
}

/// `name` with each of its letters left out in turn. Only ASCII names are kept, so bytes are letters.
fn shortened(name: &str) -> impl Iterator<Item = String> + '_ {
    name.char_indices().map(|(at, c)| format!("{}{}", &name[..at], &name[at + c.len_utf8()..]))
}

/// Whether two different texts are one change of a letter, or one swap of neighbors, apart.
fn is_one_off(name: &str, said: &str) -> bool {
    let (a, b) = (name.as_bytes(), said.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    match (a, b) {
        ([], []) => false,
        ([x, y, a @ ..], [v, w, b @ ..]) if x == w && y == v && a == b => true,
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([_, a @ ..], b) if a == b => true,
        (a, [_, b @ ..]) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::handles::collect;
    use crate::judge::tests::{directory, project};

    #[test]
    fn a_name_with_one_wrong_letter_is_almost_said() {
        let known = collect(&directory(["Thimblewick", "Sluicegate", "Quern"].map(project)));
        let misspellings = Misspellings::of(known.iter().map(|(name, handle)| (name.as_str(), handle)));
        for (written, project) in [
            ("thimblwick", Some(0)),
            ("Thimblewikc", Some(0)),
            ("thimblewicks", Some(0)),
            ("sluicegete", Some(1)),
            ("thimblewick", None),
            ("thimbleweed", None),
            ("querm", None),
            ("", None),
        ] {
            assert_eq!(misspellings.almost(written).map(|handle| handle.project), project, "{written}");
        }
    }
}
