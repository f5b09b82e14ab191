//! Answers to what is no report, written already: one file an answer. A member looks at one and sends it, as the
//! member's own words; nothing here is sent by a rule. None promises what a foundation may not keep.

mod bounty;
mod dependency;
mod legal;
mod scanner;
mod support;
mod third_party;

use crate::domain::noise::CannedAnswer;
use crate::mail::write::clean::{LINE_MAX, lines, one_line};

/// What an answer may name: all of it is public anyway.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The foundation's name.
    pub org: &'a str,
    /// Our page that says how reports are taken.
    pub how_link: &'a str,
    /// Our list of all projects.
    pub directory_link: &'a str,
    /// What the foundation says is no vulnerability, in its own words.
    pub out_of_scope: Option<&'a str>,
    /// The project that the mail speaks of, where one is known.
    pub project: Option<Named<'a>>,
}

/// A project by what the directory publishes of it.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    pub name: &'a str,
    /// Its homepage, else its repository, else our page of it.
    pub link: &'a str,
    /// What it says is no vulnerability, in its own words.
    pub out_of_scope: Option<&'a str>,
}

/// The words of an answer, without the signature, which is the sender's.
pub fn words(answer: CannedAnswer, about: &About<'_>) -> String {
    let paragraphs = match answer {
        CannedAnswer::Scanner => scanner::words(about),
        CannedAnswer::Bounty => bounty::words(about),
        CannedAnswer::Support => support::words(about),
        CannedAnswer::ThirdParty => third_party::words(about),
        CannedAnswer::Legal => legal::words(about),
        CannedAnswer::Dependency => dependency::words(about),
    };
    paragraphs.join("\n\n")
}

/// What counts as no vulnerability, quoted from the foundation and the project; nothing where neither says it.
fn out_of_scope(about: &About<'_>) -> Option<String> {
    let quote =
        |who: &str, text: &str| format!("In the words of {}:\n\n{}", one_line(who, LINE_MAX), lines(text.trim()));
    let said = |text: Option<&str>| text.filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let foundation = said(about.out_of_scope).map(|text| quote(about.org, &text));
    let project = about.project.and_then(|project| Some(quote(project.name, &said(project.out_of_scope)?)));
    let both: Vec<String> = foundation.into_iter().chain(project).collect();
    (!both.is_empty()).then(|| both.join("\n\n"))
}

/// A line that leads to the project, or to all of them.
fn where_to_look(about: &About<'_>, what: &str) -> String {
    match about.project {
        Some(project) => format!("{what} {}: {}", one_line(project.name, LINE_MAX), project.link),
        None => format!("{what} each of our projects: {}", about.directory_link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: About<'static> = About {
        org: "Northlight",
        how_link: "https://security.northlight.example/how",
        directory_link: "https://security.northlight.example/projects",
        out_of_scope: None,
        project: None,
    };

    pub fn plain(answer: CannedAnswer) -> String {
        words(answer, &ABOUT)
    }

    /// With all that a file can say.
    pub fn rich(answer: CannedAnswer) -> String {
        let project = Named {
            name: "Larkspur",
            link: "https://larkspur.example",
            out_of_scope: Some("Running a notebook of somebody else."),
        };
        let out_of_scope = Some("Missing headers on static sites.\nMail records of domains that send no mail.\n");
        words(answer, &About { project: Some(project), out_of_scope, ..ABOUT })
    }

    #[test]
    fn every_answer_thanks_invites_a_second_look_and_carries_no_signature_of_its_own() {
        for answer in CannedAnswer::ALL {
            for text in [plain(answer), rich(answer)] {
                assert!(text.starts_with("Thank you "), "{text}");
                assert!(text.to_lowercase().contains("answer "), "{text}");
                assert!(text.contains("https://") && !text.contains('\u{2014}'), "{text}");
                assert!(!text.contains("\n\n\n") && text.trim() == text, "{text}");
            }
        }
    }

    #[test]
    fn a_name_from_the_file_cannot_bring_lines_of_its_own() {
        let project = Named { name: "Lark\nspur", link: "https://larkspur.example", out_of_scope: Some("a\u{202e}b") };
        let text = words(CannedAnswer::Scanner, &About { project: Some(project), ..ABOUT });
        assert!(!text.contains("Lark\nspur") && !text.contains('\u{202e}'), "{text}");
    }
}
