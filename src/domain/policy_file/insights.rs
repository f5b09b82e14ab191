//! SECURITY-INSIGHTS.yml of the OpenSSF, 1.x and 2.x: contacts in the order in which they are to be trusted.

use jiff::ToSpan;
use jiff::civil::Date;

use super::yaml::{self, Node};
use super::{Found, Kind, brief, links};

/// Reads the file of either version: their keys differ, so that both are asked for. One that cannot be read fills in
/// nothing, and why is its only doubt.
pub fn read(text: &str, today: Date) -> Found {
    let mut found = Found::of(Kind::Insights);
    let file = match yaml::read(text) {
        Ok(file) => file,
        Err(unreadable) => {
            found.doubts.push(unreadable.to_string());
            return found;
        }
    };
    let owned = |path: &[&str]| file.text(path).map(str::to_owned);
    found.name = owned(&["project", "name"]);
    found.homepage = owned(&["project", "homepage"]);
    for path in [&["repository", "url"][..], &["header", "project-url"]] {
        repository(&mut found, file.text(path));
    }
    for listed in file.list(&["project", "repositories"]) {
        repository(&mut found, listed.text(&["url"]));
    }
    reporting(&mut found, &file);
    people(&mut found, &file);
    doubts(&mut found, &file, today);
    found
}

fn repository(found: &mut Found, url: Option<&str>) {
    found
        .repositories
        .extend(url.filter(|url| !found.repositories.iter().any(|known| known == url)).map(str::to_owned));
}

fn reporting(found: &mut Found, file: &Node) {
    for at in [&["project", "vulnerability-reporting"][..], &["vulnerability-reporting"]] {
        let Some(part) = file.at(at) else { continue };
        if let Some(policy) = part.text(&["security-policy"]) {
            found.policy.get_or_insert(policy.to_owned());
        }
        if let Some(email) = part.text(&["contact", "email"]).and_then(links::address) {
            found.contact(part.text(&["contact", "name"]), email);
        }
        if let Some(email) = part.text(&["email-contact"]).and_then(links::address) {
            found.contact(None, email);
        }
        let scope: Vec<String> = [part.list(&["out-of-scope"]), part.list(&["out-scope"])]
            .concat()
            .iter()
            .filter_map(|item| item.text(&[]).map(|text| format!("- {text}")))
            .collect();
        found.out_of_scope = found.out_of_scope.take().or_else(|| brief(&scope.join("\n")));
        let takes = part.text(&["reports-accepted"]).or(part.text(&["accepts-vulnerability-reports"]));
        if takes.is_some_and(|word| word.eq_ignore_ascii_case("false")) {
            found.doubts.push("It says that no reports of vulnerabilities are accepted.".to_owned());
        }
        let comment = part.text(&["comment"]).unwrap_or_default();
        let (_, more) = links::in_text(comment);
        more.iter().filter(|link| links::channel(link).is_some()).for_each(|link| found.report_at(link));
    }
}

/// Those who are named beside the reporting itself: champions before the core team, and both before administrators.
fn people(found: &mut Found, file: &Node) {
    for listed in file.list(&["security-contacts"]) {
        let value = listed.text(&["value"]).unwrap_or_default();
        match links::address(value) {
            Some(email) => found.contact(None, email),
            None if value.starts_with("https://") => found.report_at(value),
            None => {}
        }
    }
    let lists =
        [&["repository", "security", "champions"][..], &["repository", "core-team"], &["project", "administrators"]];
    for person in lists.into_iter().flat_map(|path| file.list(path)) {
        if let Some(email) = person.text(&["email"]).and_then(links::address) {
            found.contact(person.text(&["name"]), email);
        }
    }
}

fn doubts(found: &mut Found, file: &Node, today: Date) {
    let day = |path: &[&str]| file.text(path).and_then(|day| day.get(..10)?.parse::<Date>().ok());
    if day(&["header", "last-reviewed"]).is_some_and(|day| day < today.saturating_sub(1.year())) {
        found.doubts.push("Nobody has reviewed it for more than a year.".to_owned());
    }
    if day(&["header", "expiration-date"]).is_some_and(|day| day < today) {
        found.doubts.push("It has run out.".to_owned());
    }
    let status = file.text(&["repository", "status"]).or(file.text(&["project-lifecycle", "status"]));
    if let Some(status) = status.filter(|status| !status.eq_ignore_ascii_case("active")) {
        found.doubts.push(format!("It calls the project \"{status}\"."));
    }
}
