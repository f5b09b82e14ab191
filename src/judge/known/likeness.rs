//! How much a text is like the earlier cases of a project: naive Bayes over words, which never makes a match strong.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::case::CaseRef;
use crate::domain::directory::ProjectId;
use crate::domain::judgement::Strength;
use crate::domain::knowledge::Lesson;
use crate::judge::known::words;

/// Cases of a project in which a word must have been before it tells something: what one sender made up, or what
/// happened once, does not.
const CASES: usize = 2;
/// One word says at most this much, however rare it is elsewhere (natural logarithm of a ratio).
const HEAVIEST: f32 = 2.0;
/// Points and telling words from which a text is likely, or weakly, like earlier ones.
const LIKELY: (f32, usize) = (6.0, 4);
const WEAK: (f32, usize) = (4.0, 3);
/// Points by which the likeliest project must be ahead of the next one to be named at all.
const AHEAD: f32 = 1.5;
/// Words and cases that a reason names.
const NAMED_WORDS: usize = 4;
const NAMED_CASES: usize = 3;

/// What the words of earlier cases say, project by project.
#[derive(Default)]
pub struct Likeness {
    /// In the order of their ids.
    projects: Vec<Learned>,
    /// In how many lessons a word was.
    everywhere: HashMap<String, usize>,
    lessons: usize,
}

struct Learned {
    project: ProjectId,
    lessons: usize,
    /// The cases in which each word was, the newest last; one lesson each.
    words: HashMap<String, Vec<CaseRef>>,
}

/// A project whose earlier cases a text is like.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    pub project: ProjectId,
    pub strength: Strength,
    /// Why, as a clause.
    pub clause: String,
}

impl Likeness {
    /// Learns from `lessons`. Words in `names` are parts of names: those are the judge's own matter.
    pub fn of(lessons: &[Lesson], names: &HashSet<String>) -> Self {
        let mut by_project: BTreeMap<&ProjectId, Vec<&Lesson>> = BTreeMap::new();
        let mut likeness = Self { lessons: lessons.len(), ..Self::default() };
        for lesson in lessons {
            by_project.entry(&lesson.project).or_default().push(lesson);
            for word in lesson.words.iter().filter(|word| !names.contains(*word)) {
                *likeness.everywhere.entry(word.clone()).or_default() += 1;
            }
        }
        for (project, lessons) in by_project {
            let mut words: HashMap<String, Vec<CaseRef>> = HashMap::new();
            for lesson in &lessons {
                for word in lesson.words.iter().filter(|word| !names.contains(*word)) {
                    words.entry(word.clone()).or_default().push(lesson.case.clone());
                }
            }
            words.retain(|_, cases| cases.len() >= CASES);
            likeness.projects.push(Learned { project: project.clone(), lessons: lessons.len(), words });
        }
        likeness
    }

    /// The project whose earlier cases the text is most like, if it is like any.
    pub fn of_text(&self, subject: &str, body: &str) -> Option<Alike> {
        if self.projects.iter().all(|learned| learned.words.is_empty()) {
            return None;
        }
        let text = words::compared(subject, body);
        let mut told: Vec<(f32, Vec<(f32, &str)>, &Learned)> = self
            .projects
            .iter()
            .map(|learned| {
                let mut telling = self.telling(learned, &text);
                telling.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
                (telling.iter().map(|(points, _)| points).sum(), telling, learned)
            })
            .collect();
        told.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.2.project.cmp(&b.2.project)));
        let (points, telling, learned) = told.first()?;
        let next = told.get(1).map_or(0.0, |(points, ..)| *points);
        let reaches = |(from, words): (f32, usize)| *points >= from && telling.len() >= words;
        let strength = match () {
            () if points - next < AHEAD => return None,
            () if reaches(LIKELY) => Strength::Likely,
            () if reaches(WEAK) => Strength::Weak,
            () => return None,
        };
        Some(Alike { project: learned.project.clone(), strength, clause: learned.clause(telling) })
    }
}

impl Likeness {
    /// The words of a text that were in earlier cases of one project more often than elsewhere, with what they say.
    fn telling<'t>(&self, learned: &Learned, text: &'t [String]) -> Vec<(f32, &'t str)> {
        let of = |word: &'t String| {
            let here = learned.words.get(word)?.len();
            let elsewhere = self.everywhere[word] - here;
            let ratio = share(here, learned.lessons) / share(elsewhere, self.lessons - learned.lessons);
            let points = ratio.ln().min(HEAVIEST);
            (points > 0.0).then_some((points, word.as_str()))
        };
        text.iter().filter_map(of).collect()
    }
}

/// The share of lessons in which a word was, moved toward one half so that few lessons say little.
fn share(with_word: usize, lessons: usize) -> f32 {
    (with_word as f32 + 0.5) / (lessons as f32 + 1.0)
}

impl Learned {
    fn clause(&self, telling: &[(f32, &str)]) -> String {
        let words: Vec<&str> = telling.iter().take(NAMED_WORDS).map(|(_, word)| *word).collect();
        let mut cases: Vec<&CaseRef> = words.iter().filter_map(|word| self.words.get(*word)).flatten().collect();
        cases.sort();
        cases.dedup();
        let named: Vec<&str> = cases.iter().rev().take(NAMED_CASES).map(|case| case.as_str()).collect();
        format!("words \"{}\" were in earlier cases of it ({})", words.join("\", \""), named.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(project: &str, number: i64, words: &str) -> Lesson {
        let mut words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        words.sort();
        Lesson {
            project: ProjectId::parse(project).unwrap(),
            case: CaseRef::new("SEC", 2026, number),
            words,
            sender: None,
        }
    }

    /// Four cases about a mill and eight about other things.
    fn lessons() -> Vec<Lesson> {
        let mut lessons: Vec<Lesson> =
            (1..=4).map(|n| lesson("quern", n, "millstone hopper bran sieve chaff grindhouse")).collect();
        lessons.extend(
            (5..=12).map(|n| lesson(if n % 2 == 0 { "sluice" } else { "larder" }, n, "weir shelf pantry bran")),
        );
        lessons
    }

    const LIKE_A_MILL: &str = "The hopper above the millstone takes chaff of any size, and the sieve lets it through.";

    #[test]
    fn a_text_with_the_words_of_earlier_cases_is_likely_the_same_projects_and_never_strong() {
        let likeness = Likeness::of(&lessons(), &HashSet::new());
        let alike = likeness.of_text("", LIKE_A_MILL).unwrap();
        assert_eq!((alike.project.as_str(), alike.strength), ("quern", Strength::Likely));
        assert_eq!(
            alike.clause,
            "words \"chaff\", \"hopper\", \"millstone\", \"sieve\" were in earlier cases of it \
             (SEC-2026-0004, SEC-2026-0003, SEC-2026-0002)"
        );
        let often = LIKE_A_MILL.repeat(50);
        assert_eq!(likeness.of_text(&often, &often).unwrap().strength, Strength::Likely);
    }

    #[test]
    fn what_was_in_one_case_alone_tells_nothing() {
        let mut lessons = lessons();
        lessons.drain(..3);
        assert_eq!(Likeness::of(&lessons, &HashSet::new()).of_text("", LIKE_A_MILL), None);
    }

    #[test]
    fn words_that_other_projects_cases_have_as_well_tell_nothing() {
        let likeness = Likeness::of(&lessons(), &HashSet::new());
        assert_eq!(
            likeness.of_text("", "bran on the shelf, a weir and a pantry"),
            None,
            "two projects have them alike"
        );
        assert_eq!(likeness.of_text("", "an unheard of flaw"), None);
        assert_eq!(Likeness::default().of_text("", LIKE_A_MILL), None);
    }

    #[test]
    fn with_no_other_project_to_compare_with_nothing_is_likely() {
        let lessons: Vec<Lesson> = lessons().into_iter().take(4).collect();
        let alike = Likeness::of(&lessons, &HashSet::new()).of_text("", LIKE_A_MILL);
        assert_eq!(alike, None);
    }

    #[test]
    fn a_projects_own_name_is_left_to_the_names() {
        let names = HashSet::from(["millstone".to_owned(), "hopper".to_owned(), "chaff".to_owned()]);
        assert_eq!(Likeness::of(&lessons(), &names).of_text("", LIKE_A_MILL), None);
    }
}
