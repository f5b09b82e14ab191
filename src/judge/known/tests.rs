//! Private knowledge over the public judge: what it adds, what it never takes away, and what may be remembered.

use super::*;
use crate::domain::case::CaseRef;
use crate::domain::id::KnowledgeId;
use crate::judge::tests::{directory, project};

fn id(text: &str) -> ProjectId {
    ProjectId::parse(text).unwrap()
}

fn alias(word: &str, project: &str) -> Alias {
    Alias {
        id: KnowledgeId::from_row(word),
        word: word.to_owned(),
        project: id(project),
        case: CaseRef::new("SEC", 2026, 7),
    }
}

fn lesson(project: &str, number: i64, words: &str, sender: Option<&str>) -> Lesson {
    let words = worth_keeping("", words);
    Lesson { project: id(project), case: CaseRef::new("SEC", 2026, number), words, sender: sender.map(str::to_owned) }
}

fn of_file() -> Directory {
    directory(["Quern", "Larder", "Sluicegate", "Parsley Kit"].map(project))
}

fn judge(knowledge: Knowledge) -> PrivateJudge {
    PrivateJudge::new(Arc::new(Judge::new(&of_file())), Arc::new(of_file()), knowledge)
}

fn aliases(aliases: &[(&str, &str)]) -> Knowledge {
    Knowledge { aliases: aliases.iter().map(|(word, project)| alias(word, project)).collect(), ..Knowledge::default() }
}

fn shown(judgement: &Judgement) -> Vec<String> {
    let line =
        |c: &Candidate| format!("{} {}: {}", c.strength.word(), c.project, c.clauses().collect::<Vec<_>>().join("; "));
    judgement.candidates.iter().map(line).collect()
}

const MILL: &str = "Path traversal in millkit 2.1";

#[test]
fn without_knowledge_it_says_what_the_public_judge_says() {
    let public = Judge::new(&of_file());
    for (subject, body) in
        [("XSS in Quern 1.2", "Larder is used by it."), (MILL, ""), ("", "Sluicegate and Larder leak.")]
    {
        assert_eq!(judge(Knowledge::default()).judge(subject, body), public.judge(subject, body));
    }
}

#[test]
fn a_remembered_name_is_judged_like_one_of_the_file_and_says_where_it_is_from() {
    let taught = judge(aliases(&[("millkit", "quern")])).judge(MILL, "Guests read files.");
    let [line] = &shown(&taught)[..] else { panic!("{taught:?}") };
    assert!(line.starts_with("strong quern: \"millkit\" is remembered as a name of it (SEC-2026-0007); "), "{line}");
    assert_eq!(
        Judge::new(&of_file()).judge(MILL, "Guests read files."),
        Judgement::default(),
        "the public one knows nothing"
    );
}

#[test]
fn a_strong_match_of_the_public_judge_stays_and_what_was_learned_stands_beside_it() {
    let text = "Path traversal in Larder 2.1";
    let body = "Larder before 2.2 allows path traversal. A flaw was found in millkit 3.1 as well.";
    let public = Judge::new(&of_file()).judge(text, body);
    assert_eq!(public.strong().count(), 1, "{public:?}");
    let taught = judge(aliases(&[("millkit", "quern")])).judge(text, body);
    assert_eq!(taught.candidates[0], public.candidates[0]);
    assert_eq!(taught.strong().count(), 1, "{taught:?}");
    assert!(shown(&taught)[1].contains("\"millkit\" is remembered as a name of it"), "{taught:?}");
}

#[test]
fn names_that_the_file_gives_to_another_project_or_whose_project_is_gone_are_not_used() {
    let knowledge =
        aliases(&[("larder", "quern"), ("sluicegate", "sluicegate"), ("oldmill", "gone"), ("millkit", "quern")]);
    let all = knowledge.aliases.clone();
    let judge = judge(knowledge);
    let standings = judge.standings(&all);
    assert_eq!(standings, [Standing::Taken(id("larder")), Standing::InFile, Standing::ProjectGone, Standing::InUse]);
    assert_eq!(judge.judge("XSS in Larder 2", ""), Judge::new(&of_file()).judge("XSS in Larder 2", ""));
}

/// Enough cases of two projects that their words tell them apart.
fn lessons() -> Vec<Lesson> {
    let mill = |n| lesson("quern", n, "millstone hopper bran sieve chaff", Some("jane"));
    let weir = |n| lesson("sluicegate", n, "weir penstock spillway bran", None);
    (1..=4).map(mill).chain((5..=12).map(weir)).collect()
}

const LIKE_A_MILL: &str = "An attacker fills the hopper; the millstone and the sieve then read chaff out of bounds.";

#[test]
fn a_text_like_earlier_cases_is_likely_and_is_never_forwarded_for_it() {
    let judge = judge(Knowledge { lessons: lessons(), ..Knowledge::default() });
    let judged = judge.judge("Out-of-bounds read", LIKE_A_MILL);
    assert_eq!(shown(&judged).len(), 1);
    assert!(shown(&judged)[0].starts_with("likely quern: words \"chaff\", "), "{judged:?}");
    let beside = judge.judge("Out-of-bounds read in Larder 2.1", LIKE_A_MILL);
    let [larder, quern] = &beside.candidates[..] else { panic!("{beside:?}") };
    assert_eq!((larder.project.as_str(), larder.strength), ("larder", Strength::Strong));
    assert_eq!((quern.project.as_str(), quern.strength), ("quern", Strength::Likely));
}

#[test]
fn the_senders_earlier_cases_are_shown_and_are_a_weak_sign_alone() {
    let judge = judge(Knowledge { lessons: lessons(), ..Knowledge::default() });
    let from = |sender: &str, subject: &str| {
        let mut judged = judge.judge(subject, "Please look.");
        judge.with_sender(&mut judged, sender, None);
        judged
    };
    let judged = from("jane", "It crashes");
    assert_eq!(shown(&judged), ["weak quern: the same sender wrote about it before (SEC-2026-0004)"]);
    assert_eq!(from("somebody else", "It crashes"), Judgement::default());
    let named = from("jane", "XSS in Larder 2.1");
    assert_eq!(named.candidates[0].strength, Strength::Strong);
    assert!(named.candidates[0].clauses().all(|clause| !clause.contains("sender")));
    let mut itself = Judgement::default();
    judge.with_sender(&mut itself, "jane", Some(&CaseRef::new("SEC", 2026, 4)));
    assert!(shown(&itself)[0].contains("SEC-2026-0003"), "what the case itself taught is not from before: {itself:?}");
}

#[test]
fn a_name_of_another_project_a_common_or_short_word_and_what_is_no_name_are_refused_with_the_reason() {
    let knowledge = Knowledge { lessons: lessons(), ..aliases(&[("millkit", "quern")]) };
    let judge = judge(knowledge);
    let refused = |word: &str| judge.check(&id("quern"), word).unwrap_err().to_string();
    for (word, words) in [
        ("Larder", "\"Larder\" is a name of Larder, or a part of one."),
        ("Parsley", "is a name of Parsley Kit, or a part of one."),
        ("parsleykit", "is a name of Parsley Kit"),
        ("server", "is a common word: reports about anything say it, so it would name Quern"),
        ("Buffer Overflow", "is a common word"),
        ("read_file", "is a common word"),
        ("abc", "is too short: fewer than 4 letters"),
        (" \"' ", "Enter the name"),
        ("", "Enter the name"),
        ("https://mill.example/kit", "An address or a link is no name."),
        ("jane@mill.example", "An address or a link is no name."),
        ("the thing that grinds flour", "too long for a name"),
        ("mіllhouse", "only look like others"),
        ("quern", "Quern is known by \"quern\" already"),
        ("Mill-Kit", "is remembered for Quern already, from SEC-2026-0007"),
        ("penstock", "Earlier cases of Sluicegate say \"penstock\" as well, such as SEC-2026-0012"),
    ] {
        assert!(refused(word).contains(words), "{word}: {}", refused(word));
    }
    assert!(judge.check(&id("gone"), "millhouse").unwrap_err().to_string().contains("no project \"gone\""));
    assert_eq!(judge.check(&id("quern"), " `Millhouse`, ").unwrap(), "Millhouse");
    assert_eq!(judge.check(&id("quern"), "mill_axes3d").unwrap(), "mill_axes3d");
}

#[test]
fn the_prefix_of_all_names_is_refused() {
    let file = directory(["Zephyria Quern", "Zephyria Larder", "Zephyria Sluice", "Thimblewick"].map(project));
    let judge = PrivateJudge::new(Arc::new(Judge::new(&file)), Arc::new(file), Knowledge::default());
    let refusal = judge.check(&id("thimblewick"), "Zephyria").unwrap_err();
    assert_eq!(refusal, NotRemembered::Prefix { word: "Zephyria".to_owned() });
    assert!(matches!(judge.check(&id("thimblewick"), "zephyria larder"), Err(NotRemembered::OfAnother { .. })));
}

#[test]
fn names_are_offered_from_what_the_text_says_it_is_about() {
    let judge = judge(Knowledge::default());
    let offered = |subject: &str, body: &str| judge.offer(&id("quern"), subject, body, &Judgement::default());
    assert_eq!(
        offered("Path traversal in millkit 2.1", "Hello,\n\nI found that `grindflour` of Millkit follows links.\n")
            [..2],
        ["millkit", "grindflour"]
    );
    assert_eq!(offered("", "module name: `millhouse-kit`\n\nIt leaks.")[..1], ["millhouse-kit"]);
    assert_eq!(
        offered("", "We saw it with the Stonegrinder of Larder, see https://git.example/Hopperlane/x.")[..1],
        ["Stonegrinder"]
    );
    for text in
        ["It crashes when the server reads a file.", "", "CVE-2026-0001 in the API of Larder", &"A".repeat(9_000)]
    {
        assert_eq!(offered("", text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_same_knowledge_gives_the_same_answer_however_often_it_is_built() {
    let knowledge = Knowledge { lessons: lessons(), ..aliases(&[("millkit", "quern"), ("weirworks", "sluicegate")]) };
    let body = format!("{LIKE_A_MILL} A flaw in weirworks and millkit.");
    let first = judge(knowledge.clone()).judge(MILL, &body);
    for _ in 0..5 {
        assert_eq!(judge(knowledge.clone()).judge(MILL, &body), first);
    }
}

/// Sentences that name projects of the file, remembered names, both, or neither.
const SENTENCES: &[&str] = &[
    "Larder before 2.2 allows path traversal.",
    "A flaw was found in millkit 3.1.",
    "Quern 1.2 leaks what Sluicegate stores.",
    "module name: weirworks",
    "It is built on Parsley Kit.",
    "An attacker fills the hopper; the millstone and the sieve then read chaff out of bounds.",
    "Please look.",
];

proptest::proptest! {
    // Each builds three judges.
    #![proptest_config(proptest::test_runner::Config::with_cases(48))]

    #[test]
    fn whatever_was_learned_a_strong_match_of_the_file_stays_and_no_likeness_makes_one(
        picked in proptest::collection::vec(0..SENTENCES.len(), 0..5),
        names in proptest::collection::vec((0..3usize, 0..4usize), 0..3),
        with_lessons: bool,
    ) {
        let body: Vec<&str> = picked.iter().map(|index| SENTENCES[*index]).collect();
        let (subject, body) = (body.first().copied().unwrap_or_default(), body.join("\n"));
        let words = ["millkit", "weirworks", "hopper"];
        let projects = ["quern", "larder", "sluicegate", "parsley-kit"];
        let mut aliases: Vec<Alias> = names.iter().map(|(word, project)| alias(words[*word], projects[*project])).collect();
        aliases.sort_by(|a, b| a.word.cmp(&b.word));
        aliases.dedup_by(|a, b| a.word == b.word); // the store keeps one of a kind
        let has_aliases = !aliases.is_empty();
        let lessons = if with_lessons { lessons() } else { Vec::new() };
        let public = Judge::new(&of_file()).judge(subject, &body);
        let mut judged = judge(Knowledge { aliases, lessons }).judge(subject, &body);
        judge(Knowledge { lessons: self::lessons(), ..Knowledge::default() }).with_sender(&mut judged, "jane", None);
        let strong = |judgement: &Judgement| judgement.strong().map(|strong| strong.project.clone()).collect::<Vec<_>>();
        if !has_aliases || !strong(&public).is_empty() {
            proptest::prop_assert_eq!(strong(&judged), strong(&public));
        }
        for known in public.strong() {
            let now = judged.strong().find(|candidate| candidate.project == known.project).unwrap();
            proptest::prop_assert!(now.evidence.starts_with(&known.evidence), "{:?}", now);
        }
    }
}
