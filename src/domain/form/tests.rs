//! Stories of the form's rules.

use super::*;

fn directory() -> Directory {
    let text = r#"
        [foundation]
        name = "Story Foundation"
        security_address = "security@story.example"
        public_url = "https://security.story.example"
        [[committee]]
        name = "Ada Chair"
        email = "ada@story.example"
        role = "chair"
        [[board]]
        email = "board@story.example"
        [[project]]
        id = "lantern"
        name = "Lantern"
        packages = ["pkg:pypi/lantern-core"]
        aliases = ["ltn", "lamp"]
        repositories = ["https://github.com/lantern/lantern"]
        [[project]]
        id = "oil"
        name = "Oil and Wick"
        packages = ["pkg:cargo/wick"]
        homepage = "https://www.wick.example/"
    "#;
    crate::config::policy::parse("story.toml", text).unwrap()
}

fn known(typed: &str) -> Vec<String> {
    named_projects(&directory(), typed).known.iter().map(ToString::to_string).collect()
}

#[test]
fn a_project_is_known_by_name_alias_package_or_link_and_never_guessed() {
    for typed in [
        "lantern",
        " LANTERN ",
        "ltn",
        "pip:lantern-core",
        "pypi:Lantern-Core",
        "pkg:pypi/lantern-core",
        "lantern-core",
        "https://github.com/lantern/lantern.git",
        "github.com/lantern/lantern/",
    ] {
        assert_eq!(known(typed), ["lantern"], "{typed}");
    }
    assert_eq!(known("crates:wick"), ["oil"]);
    assert_eq!(known("http://wick.example"), ["oil"]);
    for typed in ["lanterns", "lantern 4.1", "npm:lantern-core", "the lamp post", "", ",", "pip:", "foolib"] {
        assert!(known(typed).is_empty(), "{typed}");
    }
}

#[test]
fn several_projects_are_told_apart_by_commas_and_the_word_and() {
    assert_eq!(known("Lantern, Oil and Wick"), ["lantern", "oil"]);
    assert_eq!(known("lantern and oil and ltn"), ["lantern", "oil"]);
    assert_eq!(named_projects(&directory(), "lantern; foolib").unknown, ["foolib"]);
}

#[test]
fn a_name_that_two_projects_share_names_neither() {
    let mut directory = directory();
    directory.projects[1].aliases = vec!["lamp".to_owned()];
    assert_eq!(named_projects(&directory, "lamp"), Named { known: Vec::new(), unknown: vec!["lamp".to_owned()] });
}

fn typed(fields: &[(Field, &str)]) -> Typed {
    let mut typed = Typed::default();
    for (field, text) in fields {
        typed.set(*field, text);
    }
    typed
}

const WHOLE: [(Field, &str); 4] = [
    (Field::About, ABOUT_UNKNOWN),
    (Field::Text, "It crashes.\r\nAlways."),
    (Field::Reach, REACH_MAIL),
    (Field::Email, " jane@finder.example "),
];

#[test]
fn three_answers_are_enough_and_a_stranger_gives_no_name_away() {
    let filled = check(&typed(&WHOLE), &directory()).unwrap();
    assert_eq!((filled.about, filled.text.as_str()), (About::Unknown, "It crashes.\nAlways."));
    assert_eq!(filled.email.unwrap().as_str(), "jane@finder.example");
    assert_eq!((filled.shares, filled.name), (Shares::Nothing, None));
}

#[test]
fn everything_that_is_missing_is_said_at_once_in_the_order_of_the_page() {
    let nothing = check(&Typed::default(), &directory());
    assert_eq!(nothing, Err(vec![Fault::NoAbout, Fault::NoText, Fault::NoReach]));
    let mut form = typed(&WHOLE);
    form.set(Field::About, ABOUT_PROJECT);
    form.set(Field::Text, " \r\n ");
    form.set(Field::Email, "jane");
    form.set(Field::Credit, &"x".repeat(501));
    let wrong = check(&form, &directory());
    assert_eq!(
        wrong,
        Err(vec![Fault::NoAbout, Fault::NoText, Fault::NoAddress, Fault::TooLong(Field::Credit)]),
        "a button for a project without a name says nothing yet"
    );
}

#[test]
fn a_text_in_a_box_answers_for_the_button_beside_it_but_not_against_another() {
    let mut form = typed(&[(Field::Project, "Lantern"), (Field::Text, "x"), (Field::Email, "jane@finder.example")]);
    let filled = check(&form, &directory()).unwrap();
    assert!(matches!(filled.about, About::Projects { ref known, .. } if known.len() == 1));
    assert!(filled.email.is_some());
    form.set(Field::Reach, REACH_NOT);
    form.set(Field::About, ABOUT_UNKNOWN);
    let filled = check(&form, &directory()).unwrap();
    assert_eq!((filled.about, filled.email), (About::Unknown, None), "anonymous stays anonymous");
}

#[test]
fn an_address_of_ours_or_none_is_refused() {
    for address in
        ["", "jane", "jane@finder", "a b@finder.example", "security@story.example", "security+c.x@story.example"]
    {
        let mut form = typed(&WHOLE);
        form.set(Field::Email, address);
        assert_eq!(check(&form, &directory()), Err(vec![Fault::NoAddress]), "{address}");
    }
}

#[test]
fn a_text_of_a_hundred_thousand_letters_is_taken_and_one_more_is_not() {
    let mut form = typed(&WHOLE);
    form.set(Field::Text, &"\u{fc}\r\n".repeat(50_000));
    assert!(check(&form, &directory()).is_ok());
    form.set(Field::Text, &"x".repeat(100_001));
    assert_eq!(check(&form, &directory()), Err(vec![Fault::TooLong(Field::Text)]));
}

#[test]
fn a_filled_trap_and_a_form_sent_at_once_are_a_programs() {
    let made_at: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
    let after = |millis| made_at + SignedDuration::from_millis(millis);
    let form = typed(&WHOLE);
    assert_eq!(suspicious(&form, made_at, after(1_999)), Some(Suspicious::TooQuick));
    assert_eq!(suspicious(&form, made_at, after(2_000)), None);
    assert_eq!(suspicious(&form, made_at, after(-5_000)), None, "the clock was set back: that says nothing");
    let mut trapped = form;
    trapped.set(Field::Trap, "https://spam.example");
    assert_eq!(suspicious(&trapped, made_at, after(60_000)), Some(Suspicious::Trapped));
}

#[test]
fn fields_are_found_by_their_place() {
    for (place, field) in Field::ALL.into_iter().enumerate() {
        assert_eq!(field as usize, place);
    }
}
