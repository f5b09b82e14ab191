//! What reads like noise and what must not, in texts of our own.

use super::*;
use crate::domain::directory::ProjectId;
use crate::domain::judgement::Candidate;
use crate::judge::Judge;
use crate::judge::fold::fold_name;
use crate::judge::tests::{directory, project};

fn judged(subject: &str, text: &str) -> Option<SeemsNoise> {
    Judge::new(&directory(["Quern", "Larder"].map(project))).judge(subject, text).noise
}

fn noise(subject: &str, text: &str) -> Option<Noise> {
    judged(subject, text).map(|seems| seems.noise)
}

#[test]
fn findings_of_scanners_are_told_by_what_they_find() {
    for (subject, text) in [
        (
            "Clickjacking on www.story.example",
            "Hello team,\n\nI found that your website https://www.story.example/login can be framed because the \
             X-Frame-Options header is missing. An attacker can put the page into an iframe and trick users into \
             clicking on a button.\n\nSteps:\n1. Open the page in a browser\n2. See the screenshot\n\nImpact: clickjacking.",
        ),
        (
            "No SPF record",
            "Hi security team, your domain story.example has no valid SPF record and no DMARC policy. Anybody can \
             send spoofed emails from your domain. I tested this with an online tool, see the attached screenshot.",
        ),
        (
            "No rate limit on the forgot password page",
            "Dear team, there is no rate limit and no captcha on https://accounts.story.example/reset. \
             Intercept the request with Burp Suite, send it to Intruder and start the attack: thousands of emails \
             flood the inbox of the victim. Please visit the page and try.",
        ),
        (
            "Server version disclosure",
            "Greetings, the server header of https://www.story.example shows its nginx version, and \
             https://www.story.example/phpinfo.php is publicly accessible. An attacker could use this \
             information for further attacks on your web server.",
        ),
    ] {
        assert_eq!(noise(subject, text), Some(Noise::Scanner), "{subject}");
    }
}

#[test]
fn questions_for_money_questions_for_help_and_ordinary_mail_are_told_apart() {
    for (noise_of_it, subject, text) in [
        (
            Noise::Bounty,
            "Vulnerability in your website",
            "Hello, I am a security researcher and found a vulnerability. Do you have a bug bounty program? \
             I share the details when we have agreed on a reward.",
        ),
        (
            Noise::Support,
            "How can I read two tables at once?",
            "Hi, I'm trying to open two tables in the same program, but I get an error when I import the second one. \
             Is there a way to do that? I installed version 2 with pip on Windows 11. Here is my code:\n\n\
             ```\nopen_table(1)\n```\n\nThanks in advance for any help!",
        ),
        (
            Noise::Support,
            "Feature request: dark colors",
            "It would be nice to have an option to choose dark colors. Currently the settings do not support it.\n\n\
             **Expected behavior** A button.\n**Additional context** None.",
        ),
        (
            Noise::ThirdParty,
            "Open dashboard of a Grafana instance",
            "A Grafana instance that belongs to a shop is publicly accessible without authentication. I found this \
             asset with Shodan, its IP address is 192.0.2.7. Prometheus and Jenkins run on the same host with default \
             credentials.",
        ),
        (
            Noise::Legal,
            "License question",
            "Hello, our legal team asks under which license your documentation is, and whether there is an export \
             control classification.",
        ),
        (
            Noise::Other,
            "Re: [walkers] Saturday",
            "On Fri, Jo wrote:\n> shall we take the train on Saturday?\n> It is a beautiful walk.\n\nYes! My wife and \
             the children come along, and we eat dinner in the city. See you this weekend, we are happy about the news.",
        ),
    ] {
        assert_eq!(noise(subject, text), Some(noise_of_it), "{subject}");
    }
}

#[test]
fn what_may_be_a_report_is_none() {
    for (subject, text) in [
        ("Heap overflow in the table reader", "A crafted table overflows a buffer in versions before 2.1."),
        ("Security issue", "I found a security problem in your parser. Whom do I tell, and do you have a key?"),
        ("Is this the right address?", "Hello, I think I found a vulnerability. Where do I send it?"),
        ("", ""),
        ("Hello", "Hello"),
        (
            "Quern",
            "Hello team, Quern 2.1 lets an attacker run arbitrary code when it reads a crafted file. The payload in \
             the attachment shows it. Do you pay a bounty for this?",
        ),
        (
            "Password reset of Larder can be bypassed",
            "Larder before 3.2 does not check the token of the password reset. An attacker takes over any account. \
             The cause is in src/reset.py, line 20: the signature is not verified.",
        ),
        (
            "[quern] crash",
            "Reading a malformed table ends in an out-of-bounds read, found by fuzzing (ASAN output below).",
        ),
    ] {
        assert_eq!(judged(subject, text), None, "{subject}");
    }
}

#[test]
fn each_sign_is_a_clause_with_its_place() {
    let (subject, text) = (
        "No DMARC record",
        "Hi team, your domain has no SPF record, so mails can be spoofed. \
        Please fix it, see https://www.story.example for a screenshot of the email spoofing tool.",
    );
    let seems = judged(subject, text).unwrap();
    let first = &seems.evidence[0];
    assert_eq!(first.clause, "subject is about records for mail in DNS: \"DMARC\"");
    assert_eq!(first.at, Some(Span { field: Field::Subject, start: 3, end: 8 }));
    assert!(seems.evidence.iter().filter(|evidence| evidence.speaks == Speaks::For).count() <= TOLD_FOR);
    let against: Vec<_> = seems.evidence.iter().filter(|evidence| evidence.speaks == Speaks::Against).collect();
    assert!(against.iter().all(|evidence| evidence.clause.starts_with("but the ")), "{against:?}");
}

#[test]
fn a_project_of_ours_spares_a_text_more_the_surer_it_is() {
    let (subject, text) = ("Clickjacking in Quern", "Hello team, the login page of your website can be framed.");
    let with = |strength| {
        let candidate = Candidate { project: ProjectId::parse("quern").unwrap(), strength, evidence: Vec::new() };
        let judgement = Judgement { candidates: vec![candidate], noise: None };
        seems_noise(subject, &format!("{text} An attacker is able to trick users."), &judgement)
    };
    assert!(with(Strength::Weak).is_some());
    assert!(with(Strength::Strong).is_none());
}

#[test]
fn hidden_characters_and_long_texts_change_nothing() {
    let (subject, text) =
        ("No SPF record", "Hi team, your domain has no SPF record and mails can be spoofed by anybody.");
    let hidden: String = text.chars().flat_map(|c| [c, '\u{200b}']).collect();
    assert_eq!(noise(subject, text), Some(Noise::Scanner));
    assert_eq!(noise(subject, &hidden), Some(Noise::Scanner));
    let odd = "\u{202e}\u{1f600}漢 <>?/.1.x ".repeat(50_000);
    assert_eq!(judged(&odd, &odd), None);
}

#[test]
fn phrases_are_written_as_texts_are_folded() {
    for &sign in Sign::ALL {
        for phrase in sign.phrases().split(',').map(str::trim).filter(|phrase| !phrase.is_empty()) {
            let text = phrase.trim_end_matches('*');
            assert_eq!(fold_name(text), text, "{sign:?}");
            assert!(text.starts_with(|c: char| c.is_ascii_alphanumeric()), "{sign:?}: {phrase}");
            let is_short = text.split(|c: char| !c.is_ascii_alphanumeric()).next().is_some_and(|word| word.len() < 4);
            assert!(!phrase.ends_with('*') || text.contains(' ') || !is_short, "{sign:?}: {phrase}");
        }
    }
}
