//! security.txt (RFC 9116): its text for one host, and until when what it says is known to be true.

use jiff::{SignedDuration, Timestamp};

use crate::domain::directory::Foundation;

/// A proof of the mailbox is worth this long (DESIGN.md 3.6).
const PROOF_LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// A fresh installation may publish the file for so long before mail was seen to come in.
const PROVISIONAL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is known of the security mailbox: does what is sent there reach people?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailboxProof {
    /// When this installation first ran.
    pub installed_at: Option<Timestamp>,
    /// When mail was last seen to come in: a loop test that came back, or a report that a person answered.
    pub proven_at: Option<Timestamp>,
}

impl MailboxProof {
    /// Until when security.txt may be believed; `None` before the program first ran.
    ///
    /// A time that lies ahead, left by a clock that was set back, counts as now: no file outlives its proof.
    pub fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        match (self.proven_at, self.installed_at) {
            (Some(proven), _) => Some(proven.min(now) + PROOF_LASTS),
            (None, Some(installed)) => Some(installed.min(now) + PROVISIONAL),
            (None, None) => None,
        }
    }

    /// When the file ran out, if it has.
    pub fn ran_out_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires_at(now).filter(|expires| *expires <= now)
    }
}

/// Why there is no security.txt to give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSecurityTxt {
    #[error("`{host}` is none of the hosts in projects.toml, which are: {}", if .hosts.is_empty() { "none".to_owned() } else { .hosts.join(", ") })]
    UnknownHost { host: String, hosts: Vec<String> },
    #[error("the program has not run yet, so nothing is known of the mailbox")]
    NeverRan,
    #[error("the proof that mail comes in ran out at {0}")]
    RanOut(Timestamp),
}

/// The file for exactly this `host`, in lower case and without a port (RFC 9116 section 3).
///
/// Every web address in it has to begin with `https://` (section 2.5): where `public_url` does not, as in the demo, the
/// form and the policy are left out and the mail address is the one contact. Canonical is always https: it names where
/// the file has to be fetched from to be trusted, and whoever tests by http sees the file that would be served there.
pub fn security_txt(
    foundation: &Foundation,
    public_url: &str,
    host: &str,
    proof: &MailboxProof,
    now: Timestamp,
) -> Result<String, NoSecurityTxt> {
    if !foundation.hosts.iter().any(|known| known == host) {
        return Err(NoSecurityTxt::UnknownHost { host: host.to_owned(), hosts: foundation.hosts.clone() });
    }
    let expires = proof.expires_at(now).ok_or(NoSecurityTxt::NeverRan)?;
    if expires <= now {
        return Err(NoSecurityTxt::RanOut(expires));
    }
    let pages = public_url.starts_with("https://").then_some(public_url);
    let mut fields = Vec::new();
    fields.extend(pages.map(|url| format!("Contact: {url}/report")));
    fields.push(format!("Contact: mailto:{}", percent_encoded(foundation.security_address.as_str())));
    fields.push(format!("Expires: {}", expires.strftime("%Y-%m-%dT%H:%M:%SZ")));
    fields.push("Preferred-Languages: en".to_owned());
    fields.push(format!("Canonical: https://{host}/.well-known/security.txt"));
    fields.extend(pages.map(|url| format!("Policy: {url}/how")));
    Ok(fields.iter().map(|field| format!("{field}\n")).collect())
}

/// An address in a `mailto:` URI: all but the unreserved letters of RFC 3986 and the @ (RFC 9116 section 2.5.3 wants
/// the plus encoded too).
pub(super) fn percent_encoded(address: &str) -> String {
    address
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::Mailbox;

    fn foundation(address: &str) -> Foundation {
        Foundation {
            name: "Story Foundation".to_owned(),
            security_address: Mailbox::parse(address).unwrap(),
            public_url: "https://elsewhere.example".to_owned(),
            hosts: vec!["security.story.example".to_owned(), "story.example".to_owned()],
            case_prefix: "SEC".to_owned(),
            out_of_scope: None,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn days(count: i64) -> SignedDuration {
        SignedDuration::from_hours(count * 24)
    }

    const NOW: &str = "2026-11-20T14:00:00.25Z";

    fn proven() -> MailboxProof {
        MailboxProof { installed_at: None, proven_at: Some(at(NOW)) }
    }

    fn written(host: &str, url: &str) -> Result<String, NoSecurityTxt> {
        security_txt(&foundation("security@story.example"), url, host, &proven(), at(NOW))
    }

    #[test]
    fn the_file_names_form_mail_expiry_language_its_own_place_and_the_policy() {
        insta::assert_snapshot!(written("story.example", "https://security.story.example").unwrap(), @r"
        Contact: https://security.story.example/report
        Contact: mailto:security@story.example
        Expires: 2027-02-18T14:00:00Z
        Preferred-Languages: en
        Canonical: https://story.example/.well-known/security.txt
        Policy: https://security.story.example/how
        ");
    }

    #[test]
    fn without_https_no_page_is_named() {
        insta::assert_snapshot!(written("story.example", "http://127.0.0.1:8080").unwrap(), @r"
        Contact: mailto:security@story.example
        Expires: 2027-02-18T14:00:00Z
        Preferred-Languages: en
        Canonical: https://story.example/.well-known/security.txt
        ");
    }

    #[test]
    fn each_host_has_a_file_of_its_own_and_a_stranger_none() {
        let canonical =
            |host| written(host, "https://security.story.example").map(|file| file.lines().nth(4).unwrap().to_owned());
        assert_eq!(
            canonical("security.story.example").unwrap(),
            "Canonical: https://security.story.example/.well-known/security.txt"
        );
        let stranger = canonical("a.story.example").unwrap_err();
        assert_eq!(
            stranger.to_string(),
            "`a.story.example` is none of the hosts in projects.toml, which are: security.story.example, story.example"
        );
    }

    #[test]
    fn every_line_is_ended_and_an_odd_address_is_encoded() {
        let file = security_txt(
            &foundation("o'hara&sons+50%?jürgen@story.example"),
            "https://security.story.example",
            "story.example",
            &proven(),
            at(NOW),
        )
        .unwrap();
        assert!(file.ends_with('\n') && !file.contains("\n\n") && !file.contains('\r'));
        assert!(file.contains("mailto:o%27hara%26sons%2B50%25%3Fj%C3%BCrgen@story.example\n"), "{file}");
        assert!(file.is_ascii());
    }

    #[test]
    fn a_proof_is_worth_ninety_days_and_a_fresh_installation_seven() {
        let fresh = MailboxProof { installed_at: Some(at(NOW)), proven_at: None };
        let known = MailboxProof { proven_at: Some(at(NOW) + days(3)), ..fresh };
        for (proof, passed, left) in [
            (fresh, 0, Some(7)),
            (fresh, 6, Some(1)),
            (fresh, 7, None),
            (known, 3, Some(90)),
            (known, 92, Some(1)),
            (known, 93, None),
            (known, 1_000, None),
        ] {
            let now = at(NOW) + days(passed);
            let expires = proof.expires_at(now).unwrap();
            assert_eq!(left.map(|left| now + days(left)), Some(expires).filter(|e| *e > now), "{proof:?} {passed}");
            assert_eq!(proof.ran_out_at(now), left.is_none().then_some(expires), "{proof:?} {passed}");
        }
        assert_eq!(MailboxProof::default().expires_at(at(NOW)), None);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_lengthen_a_proof() {
        let ahead = MailboxProof { installed_at: None, proven_at: Some(at(NOW) + days(400)) };
        assert_eq!(ahead.expires_at(at(NOW)), Some(at(NOW) + days(90)));
    }

    #[test]
    fn what_ran_out_is_not_written() {
        let refused = |proof| {
            let url = "https://security.story.example";
            security_txt(&foundation("security@story.example"), url, "story.example", &proof, at(NOW)).unwrap_err()
        };
        assert_eq!(refused(MailboxProof::default()), NoSecurityTxt::NeverRan);
        let old = MailboxProof { installed_at: None, proven_at: Some(at(NOW) - days(90)) };
        assert_eq!(refused(old), NoSecurityTxt::RanOut(at(NOW)));
    }
}
