//! How much a text is like the earlier cases of a project: naive Bayes over words, which never makes a match strong.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::case::CaseRef;
use crate::domain::directory::ProjectId;
use crate::domain::judgement::Strength;
use crate::domain::knowledge::Lesson;
use crate::judge::known::words;
use crate::judge::subject;

/// Cases of a project in which a word must have been before it tells something: what one sender made up, or what
/// happened once, does not.
const CASES: usize = 2;
/// The same as a share of the project's cases, where it has had many.
const CASES_OF_MANY: f32 = 0.025;
/// Other projects whose cases have a word: in more it is one of reports in general. At least one, and this share.
const ELSEWHERE: f32 = 0.1;
/// One word says at least and at most this much: the natural logarithm of how much more often it is in cases of the
/// project.
const LIGHTEST: f32 = 1.2;
const HEAVIEST: f32 = 2.0;
/// Telling words that count; in a long text some are there by chance, so of all words that were in earlier cases this
/// share has to be telling.
const COUNTED: usize = 6;
const DENSITY: f32 = 0.09;
/// Points from which a text is likely, or weakly, like earlier ones: four and three heavy words.
const LIKELY: f32 = 7.0;
const WEAK: f32 = 5.0;
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
    everywhere: HashMap<String, Spread>,
    lessons: usize,
}

/// In how many lessons a word was, and of how many projects.
#[derive(Default)]
struct Spread {
    lessons: usize,
    projects: usize,
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
        }
        for (project, lessons) in by_project {
            let mut words: HashMap<String, Vec<CaseRef>> = HashMap::new();
            for lesson in &lessons {
                for word in lesson.words.iter().filter(|word| !names.contains(*word)) {
                    words.entry(word.clone()).or_default().push(lesson.case.clone());
                }
            }
            for (word, cases) in &words {
                let spread = likeness.everywhere.entry(word.clone()).or_default();
                spread.lessons += cases.len();
                spread.projects += 1;
            }
            let enough = CASES.max((lessons.len() as f32 * CASES_OF_MANY).ceil() as usize);
            words.retain(|_, cases| cases.len() >= enough);
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
        let known = text.iter().filter(|word| self.everywhere.contains_key(*word)).count();
        let mut told: Vec<Told<'_>> = self
            .projects
            .iter()
            .filter(|learned| !learned.words.is_empty())
            .map(|learned| self.told(learned, &text))
            .collect();
        told.sort_by(|a, b| b.points.total_cmp(&a.points).then_with(|| a.learned.project.cmp(&b.learned.project)));
        let (first, next) = (told.first()?, told.get(1).map_or(0.0, |told| told.points));
        let is_dense = first.telling.len() as f32 >= known as f32 * DENSITY;
        let strength = match first.points {
            points if points - next < AHEAD || !is_dense => return None,
            points if points >= LIKELY && is_about_a_flaw(subject, body) => Strength::Likely,
            points if points >= WEAK => Strength::Weak,
            _ => return None,
        };
        Some(Alike { project: first.learned.project.clone(), strength, clause: first.clause() })
    }
}

fn is_about_a_flaw(subject: &str, body: &str) -> bool {
    subject::is_about_a_flaw(subject) || subject::is_about_a_flaw(body)
}

/// What a text's words say for one project.
struct Told<'t> {
    learned: &'t Learned,
    points: f32,
    /// With the points of each, the heaviest first.
    telling: Vec<(f32, &'t str)>,
}

impl Likeness {
    /// The words of a text that were in earlier cases of one project far more often than elsewhere.
    fn told<'t>(&'t self, learned: &'t Learned, text: &'t [String]) -> Told<'t> {
        let most = (self.projects.len() as f32 * ELSEWHERE).max(1.0);
        let of = |word: &'t String| {
            let here = learned.words.get(word)?.len();
            let spread = &self.everywhere[word];
            let elsewhere = share(spread.lessons - here, self.lessons - learned.lessons);
            let points = (share(here, learned.lessons) / elsewhere).ln();
            let is_telling = points >= LIGHTEST && (spread.projects - 1) as f32 <= most;
            is_telling.then_some((points.min(HEAVIEST), word.as_str()))
        };
        let mut telling: Vec<(f32, &str)> = text.iter().filter_map(of).collect();
        telling.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        Told { learned, points: telling.iter().take(COUNTED).map(|(points, _)| points).sum(), telling }
    }
}

/// The share of lessons in which a word was, moved toward one half so that few lessons say little.
fn share(with_word: usize, lessons: usize) -> f32 {
    (with_word as f32 + 0.5) / (lessons as f32 + 1.0)
}

impl Told<'_> {
    fn clause(&self) -> String {
        let words: Vec<&str> = self.telling.iter().take(NAMED_WORDS).map(|(_, word)| *word).collect();
        let mut cases: Vec<&CaseRef> =
            words.iter().filter_map(|word| self.learned.words.get(*word)).flatten().collect();
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

    const LIKE_A_MILL: &str =
        "An attacker fills the hopper: the millstone takes chaff of any size, and the sieve lets it through.";

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
    fn a_text_that_speaks_of_no_flaw_is_only_weakly_like_a_report() {
        let alike = Likeness::of(&lessons(), &HashSet::new()).of_text("", "hopper, millstone, chaff and sieve, how?");
        assert_eq!(alike.unwrap().strength, Strength::Weak);
    }

    #[test]
    fn a_few_telling_words_in_a_long_text_are_chance() {
        let mut lessons = lessons();
        let other: Vec<String> =
            (0..60).map(|n| format!("pantry{}", char::from(b'a' + n % 26)).repeat(1 + n as usize / 26)).collect();
        lessons.push(lesson("larder", 13, &other.join(" ")));
        let likeness = Likeness::of(&lessons, &HashSet::new());
        assert!(likeness.of_text("", LIKE_A_MILL).is_some());
        assert_eq!(likeness.of_text("", &format!("{LIKE_A_MILL} {}", other.join(" "))), None);
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
