//! A directory as the text of a `projects.toml`: valid, in a fixed order, and read back as the same directory.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::domain::directory::{
    AutoForward, Channel, Contact, DeliveryMode, Directory, LadderClock, LadderStep, Member, Project, Promise, Routing,
    Tell,
};

/// The whole text. Comments and the order of keys in the original are not kept; what they say is.
pub fn write(directory: &Directory) -> String {
    let mut text = Text::default();
    let foundation = &directory.foundation;
    text.section("[foundation]");
    text.string("name", &foundation.name);
    text.string("security_address", foundation.security_address.as_str());
    text.string("public_url", &foundation.public_url);
    text.list("hosts", &foundation.hosts);
    text.string("case_prefix", &foundation.case_prefix);
    text.maybe("out_of_scope", foundation.out_of_scope.as_deref());
    promise(&mut text, &directory.promise);
    routing(&mut text, &directory.routing);
    directory.committee.iter().for_each(|who| member(&mut text, who));
    for board in &directory.board {
        text.section("[[board]]");
        text.string("email", board.as_str());
    }
    directory.projects.iter().for_each(|which| project(&mut text, which));
    text.0
}

fn promise(text: &mut Text, promise: &Promise) {
    text.section("[promise]");
    text.string("first_reply", &length(promise.first_reply));
    text.string("acknowledge", &length(promise.acknowledge));
    for LadderStep { clock, at, tell } in &promise.ladder {
        text.section("[[promise.ladder]]");
        text.string(
            "clock",
            match clock {
                LadderClock::FirstReply => "first_reply",
                LadderClock::Acknowledge => "acknowledge",
            },
        );
        text.string("at", &length(*at));
        let tell: Vec<&str> = tell.iter().copied().map(whom).collect();
        text.list("tell", &tell);
    }
}

fn whom(tell: Tell) -> &'static str {
    match tell {
        Tell::Owner => "owner",
        Tell::Chair => "chair",
        Tell::Committee => "committee",
        Tell::Contacts => "contacts",
        Tell::Deputies => "deputies",
        Tell::Board => "board",
    }
}

fn routing(text: &mut Text, routing: &Routing) {
    text.section("[routing]");
    text.string(
        "auto_forward",
        match routing.auto_forward {
            AutoForward::Strong => "strong",
            AutoForward::Chosen => "chosen",
            AutoForward::Off => "off",
        },
    );
    text.string("hold", &length(routing.hold));
    text.line("projects_per_report", &routing.projects_per_report.to_string());
    text.line("forwards_per_sender_a_day", &routing.forwards_per_sender_a_day.to_string());
    text.line("forwards_an_hour", &routing.forwards_an_hour.to_string());
}

fn member(text: &mut Text, member: &Member) {
    text.section("[[committee]]");
    text.string("name", &member.name);
    text.string("email", member.email.as_str());
    text.string("role", &member.role.to_string());
    if let Some(day) = member.term_start {
        text.line("term_start", &day.to_string());
    }
}

/// One `[[project]]` as the file has it.
pub fn entry(which: &Project) -> String {
    let mut text = Text::default();
    project(&mut text, which);
    text.0
}

fn project(text: &mut Text, project: &Project) {
    text.section("[[project]]");
    text.string("id", project.id.as_str());
    text.string("name", &project.name);
    text.maybe("summary", project.summary.as_deref());
    text.maybe("homepage", project.homepage.as_deref());
    text.list("repositories", &project.repositories);
    text.list("packages", &project.packages);
    text.list("aliases", &project.aliases);
    text.list("imports", &project.imports);
    text.list("domains", &project.domains);
    text.list("advisories", &project.advisories);
    text.maybe("policy", project.policy.as_deref());
    text.maybe("out_of_scope", project.out_of_scope.as_deref());
    text.string(
        "channel",
        match project.channel {
            Channel::Mail => "mail",
            Channel::Github => "github",
            Channel::Tidelift => "tidelift",
            Channel::Hackerone => "hackerone",
            Channel::Tracker => "tracker",
            Channel::None => "none",
        },
    );
    text.maybe("channel_url", project.channel_url.as_deref());
    text.maybe("public_address", project.public_address.as_ref().map(|address| address.as_str()));
    text.maybe("target", project.target.map(length).as_deref());
    if !project.contacts.is_empty() {
        text.0 += "contacts = [\n";
        for who in &project.contacts {
            text.0 += &format!("  {},\n", contact(who));
        }
        text.0 += "]\n";
    }
}

/// A contact as an inline table; what is usual is left out.
pub fn contact(contact: &Contact) -> String {
    let mut keys = vec![format!("email = {}", quoted(contact.email.as_str()))];
    let mut string = |key: &str, value: Option<&str>| {
        keys.extend(value.map(|value| format!("{key} = {}", quoted(value))));
    };
    string("name", contact.name.as_deref());
    string("delivery", (contact.delivery != DeliveryMode::Full).then(|| contact.delivery.word()));
    string("hours", contact.hours.as_deref());
    string("zone", contact.zone.as_ref().and_then(TimeZone::iana_name));
    string("key", contact.key.as_deref());
    if contact.is_list {
        keys.push("list = true".to_owned());
    }
    if contact.is_deputy {
        keys.push("deputy = true".to_owned());
    }
    if !contact.away.is_empty() {
        let away: Vec<String> = contact.away.iter().map(|days| format!("{}/{}", days.first, days.last)).collect();
        keys.push(format!("away = {}", list(&away)));
    }
    format!("{{ {} }}", keys.join(", "))
}

/// The largest unit that leaves no rest.
fn length(length: SignedDuration) -> String {
    match length.as_secs() {
        0 => "0".to_owned(),
        seconds if seconds % 86_400 == 0 => format!("{}d", seconds / 86_400),
        seconds if seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn list(values: &[impl AsRef<str>]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value.as_ref())).collect();
    format!("[{}]", values.join(", "))
}

/// The text so far.
#[derive(Default)]
pub(super) struct Text(pub(super) String);

impl Text {
    pub(super) fn section(&mut self, head: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0 += head;
        self.0.push('\n');
    }

    pub(super) fn line(&mut self, key: &str, value: &str) {
        self.0 += &format!("{key} = {value}\n");
    }

    pub(super) fn string(&mut self, key: &str, value: &str) {
        self.line(key, &quoted(value));
    }

    pub(super) fn maybe(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.string(key, value);
        }
    }

    pub(super) fn list(&mut self, key: &str, values: &[impl AsRef<str>]) {
        if !values.is_empty() {
            self.line(key, &list(values));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::policy;

    fn read(text: &str) -> Directory {
        policy::parse("projects.toml", text).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
    }

    #[test]
    fn what_is_written_is_read_back_as_the_same_directory() {
        let odd = r#"
            [foundation]
            name = "A \"quoted\" \\ 'name' = [x]"
            security_address = "security@story.example"
            public_url = "https://security.story.example"
            out_of_scope = "one\n\"two\" '''three'''\n\ttabbed"
            [promise]
            first_reply = "36h"
            acknowledge = "90m"
            [[promise.ladder]]
            clock = "acknowledge"
            at = "61s"
            tell = ["contacts", "deputies", "board", "owner", "chair", "committee"]
            [routing]
            hold = "0"
            auto_forward = "off"
            [[committee]]
            name = "Ada"
            email = "ada@story.example"
            role = "chair"
            term_start = 2026-01-15
            [[project]]
            id = "lantern"
            name = "Lantern"
            channel = "tracker"
            target = "30m"
            contacts = [
              { email = "kim@lantern.example", name = "K \"im\"", list = true, away = ["2026-12-20/2027-01-06"], zone = "UTC" },
              { email = "lee@lantern.example", deputy = true, delivery = "encrypted", key = "01 23", hours = "09:00-17:00", zone = "Europe/Berlin" },
            ]
        "#;
        for text in [odd, include_str!("../../projects.toml"), include_str!("starting/projects.toml")] {
            let directory = read(text);
            let written = write(&directory);
            assert_eq!(format!("{:?}", read(&written)), format!("{directory:?}"), "{written}");
            assert_eq!(write(&read(&written)), written);
        }
    }
}
