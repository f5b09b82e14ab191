//! Flaws that two people tell of, each in words of their own, and reports that are alike in form alone.

use std::collections::HashMap;

use super::*;
use crate::domain::near::Likeness;

fn key() -> InstanceKey {
    InstanceKey::new([7; 32])
}

fn report(project: &str, subject: &str, text: &str) -> Traits {
    let projects: Vec<ProjectId> = ProjectId::parse(project).into_iter().collect();
    Traits::of(subject, text, &projects)
}

fn likeness(one: &Traits, other: &Traits) -> Option<Likeness> {
    weigh(one, &one.prints(&key()), &other.prints(&key()), &HashMap::new())
}

/// One flaw a row: its project, and what two people wrote of it.
const TOLD_TWICE: &[(&str, [(&str, &str); 2])] = &[
    (
        "quern",
        [
            (
                "Heap over-read in Quern",
                "Hi all,\n\nfuzzing turned up an over-read in `grind_row()` (lib/mill/rows.c). The row count comes from the \
                 file and is never compared with the allocated size.\n\nTested on 3.4.1.",
            ),
            (
                "crash on broken input",
                "Summary:\nquern 3.4 dies when the header lies about its rows.\n\nStack:\n#0 grind_row rows.c:88\n#1 mill_open \
                 mill.c:12\n\nImpact:\nprobably info leak",
            ),
        ],
    ),
    (
        "larder",
        [
            (
                "CVE-2026-31337 not fixed in your branch",
                "The fix for CVE-2026-31337 was never carried over to the 2.x branch, so all users of the old series stay \
                 exposed. Please backport it.",
            ),
            (
                "Question about a CVE",
                "Dear security team, our scanner flags Larder 2.9 for cve-2026-31337. Is that right, and when will there be a \
                 release?",
            ),
        ],
    ),
    (
        "sluice",
        [
            (
                "SSRF through preview",
                "POST /api/v2/previews with {\"source_url\": \"http://169.254.1.1/\"} makes the server fetch internal \
                 addresses. Seen on https://try.sluice-project.org with a free account.",
            ),
            (
                "Server side request forgery",
                "I can reach the metadata service. Go to https://try.sluice-project.org/api/v2/previews and put any \
                 address into source_url; the picture of the answer is shown to me.",
            ),
        ],
    ),
    (
        "thimble",
        [
            (
                "Prototype pollution in mergeDeep",
                "const t = require('thimble');\nt.mergeDeep({}, JSON.parse('{\"__proto__\":{\"polluted\":1}}'));\n\
                 console.log({}.polluted)\n\nsrc/merge-deep.js copies every key.",
            ),
            (
                "[thimble] object keys are copied unchecked",
                "In src/merge-deep.js the function mergeDeep walks all own keys, among them __proto__, so whoever controls the \
                 second argument changes every object of the process.",
            ),
        ],
    ),
    (
        "tallow",
        [
            (
                "Timing leak in the comparison of signatures",
                "Tallow compares webhook signatures byte by byte and stops at the first difference. By measuring how long the \
                 answer takes, somebody on the same network can find a valid signature in some thousand tries. I \
                 measured it on a machine in the same rack and needed forty minutes.",
            ),
            (
                "Fwd: Timing leak in the comparison of signatures",
                "Hello, I send this again since I have heard nothing.\n\nTallow compares webhook signatures byte by byte and\n\
                 stops at the first difference. By measuring how long the answer takes,\nsomebody on the same network can \
                 find a valid signature in some\nthousand tries.",
            ),
        ],
    ),
    (
        "brine",
        [
            (
                "Zip slip",
                "brine.archive.extract_members writes outside of the target folder when a member is called \
                 ../../.ssh/authorized_keys.",
            ),
            (
                "Path traversal in archive extraction",
                "`extract_members` in brine/archive.py joins names without normalizing them. A member with dots in front lands \
                 anywhere the process may write.",
            ),
        ],
    ),
    (
        "cistern",
        [
            (
                "Deserialization of cookies",
                "The session cookie is unpickled before its signature is checked (cistern/web/cookies.py, load_session). One \
                 crafted cookie runs code.",
            ),
            (
                "RCE!!!",
                "look at load_session() in cookies.py, it calls pickle.loads(raw) two lines above verify_mac(raw). PoC on request",
            ),
        ],
    ),
    (
        "",
        [
            (
                "Exposed key",
                "An access key with write rights lies in the public bucket listing of https://files.gatehouse-demo.org/backup/2026/. \
                 Please revoke it: it begins with QXK and was pushed in 4f0c2d9ab17e33.",
            ),
            (
                "credentials leaked",
                "commit 4f0c2d9ab17e33 has an access key. The listing at https://files.gatehouse-demo.org/backup/2026/ shows it to \
                 anybody.",
            ),
        ],
    ),
    (
        "pestle",
        [
            (
                "Regular expression takes exponential time",
                "parse_header_value() in pestle needs minutes for 'a;' repeated thirty times; the pattern RE_PARAM_LIST backtracks.",
            ),
            (
                "ReDoS",
                "RE_PARAM_LIST is ambiguous. One header stops a worker: Content-Disposition with 30 semicolons. The call is \
                 in parse_header_value.",
            ),
        ],
    ),
    (
        "mortar",
        [
            (
                "Race between check and rename lets a local user replace the database",
                "Between the check of the owner and the rename in save_atomically() another user can put a link there.",
            ),
            (
                "Symlink attack when saving",
                "mortar/store/disk.py checks who owns the folder first and renames afterwards. In between I swap the folder for \
                 a link of mine.",
            ),
        ],
    ),
];

fn all() -> Vec<(usize, Traits)> {
    let told = TOLD_TWICE.iter().enumerate();
    told.flat_map(|(flaw, (project, texts))| texts.map(|(subject, text)| (flaw, report(project, subject, text))))
        .collect()
}

#[test]
fn two_people_who_tell_of_one_flaw_are_found_and_two_flaws_are_not_taken_for_one() {
    let all = all();
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for (index, (flaw, one)) in all.iter().enumerate() {
        for (other_flaw, other) in &all[..index] {
            match (likeness(one, other), flaw == other_flaw) {
                (Some(_), true) => found.push(TOLD_TWICE[*flaw].0),
                (Some(likeness), false) => wrong.push((TOLD_TWICE[*flaw].0, TOLD_TWICE[*other_flaw].0, likeness)),
                (None, _) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    // The last one shares neither a name nor a sentence: only a person sees that it is the same.
    let names: Vec<&str> = TOLD_TWICE.iter().map(|(project, _)| *project).collect();
    assert_eq!(found, names[..names.len() - 1]);
}

#[test]
fn the_order_of_arrival_does_not_change_what_is_alike() {
    for (_, [one, other]) in TOLD_TWICE {
        let (one, other) = (report("quern", one.0, one.1), report("quern", other.0, other.1));
        assert_eq!(likeness(&one, &other).map(|l| l.points), likeness(&other, &one).map(|l| l.points));
    }
}

#[test]
fn what_both_have_is_said_in_words() {
    let [one, other] = TOLD_TWICE[0].1.map(|(subject, text)| report("quern", subject, text));
    assert_eq!(
        likeness(&other, &one).unwrap().reasons,
        ["both name rows.c and grind_row", "both are about quern"],
        "the later one's own spelling"
    );
    let [one, other] = TOLD_TWICE[4].1.map(|(subject, text)| report("tallow", subject, text));
    assert_eq!(
        likeness(&other, &one).unwrap().reasons,
        ["both are about tallow", "most of the words stand in the same order"]
    );
}

/// A scanner's words about any host.
fn scan(host: &str) -> String {
    format!(
        "Vulnerability name: clickjacking on {host}\n\nDear team, while testing https://{host}/account I noticed that the page \
         can be framed by any site, since neither X-Frame-Options nor frame-ancestors are sent. An intruder shows the page \
         inside of an invisible frame and lets the visitor press what they never wanted to press.\n\nFix: send DENY."
    )
}

#[test]
fn one_scanner_about_two_hosts_is_alike_in_form_alone() {
    let of = |host: &str| report("", "Clickjacking", &scan(host));
    assert_eq!(likeness(&of("shop.quernworks.org"), &of("www.larderhouse.net")), None);
    assert!(likeness(&of("shop.quernworks.org"), &of("shop.quernworks.org")).is_some(), "the same host");
}

#[test]
fn one_tool_used_on_two_domains_is_alike_in_form_alone() {
    let of = |domain: &str| {
        let text = format!(
            "Anybody may write in your name. Go to http://spoofer.cz/, enter ceo@{domain} as the sender and your own address \
             below; the letter lands in the inbox without a warning, because no policy is set for the domain."
        );
        report("", "Mail spoofing", &text)
    };
    assert_eq!(likeness(&of("quernworks.org"), &of("larderhouse.net")), None);
    assert!(likeness(&of("quernworks.org"), &of("quernworks.org")).is_some(), "the same domain");
}

#[test]
fn another_vulnerability_or_project_outweighs_the_same_words() {
    let of = |project: &str, id: &str| {
        let text =
            format!("{id}: the bundled copy of libgrain reads past its table when a sack is empty, see sack_open().");
        report(project, "Outdated libgrain", &text)
    };
    assert!(likeness(&of("quern", "CVE-2026-1000"), &of("quern", "CVE-2026-1000")).is_some());
    assert_eq!(likeness(&of("quern", "CVE-2026-1000"), &of("quern", "CVE-2026-2000")), None);
    assert_eq!(likeness(&of("quern", ""), &of("larder", "")), None);
    let both = likeness(&of("quern", "CVE-2026-1000"), &of("larder", "CVE-2026-1000")).unwrap();
    assert!(both.reasons[0].starts_with("both name CVE-2026-1000"), "one flaw in two projects: {:?}", both.reasons);
}

#[test]
fn a_form_that_both_filled_in_is_not_likeness() {
    let of = |what: &str, steps: &str| {
        let text = format!(
            "<!-- Thank you for your report!\nPlease fill in every field of this form, so that we can help you soon. -->\n\
             **Summary:** {what}\n\n### Steps To Reproduce\n1. {steps}\n\n### Impact\nAn attacker gains access.\n\n\
             | Item | Value |\n|---|---|\n| gpu_status | enabled_on |\n- [x] I have searched before\n\
             POST /x HTTP/1.1\nAccept-Language: en-US\nUser-Agent: Mozilla/5.0 (X11; grind_all)\n"
        );
        report("quern", "Report", &text)
    };
    let (one, other) = (
        of("`open_sack()` frees the sack twice", "call it with an empty sack"),
        of("The mill's web page keeps tokens in the log", "sign in and read /var/log/quern-web.log"),
    );
    assert_eq!(likeness(&one, &other), None);
}

#[test]
fn words_that_many_reports_share_stop_counting() {
    let text = "Our service monitor saw that the harvest calendar stopped while three wagons stood before the gate.";
    let (one, other) = (report("quern", "Outage", text), report("quern", "Outage", text));
    let (own, theirs) = (one.prints(&key()), other.prints(&key()));
    assert!(weigh(&one, &own, &theirs, &HashMap::new()).is_some());
    let common: HashMap<Print, usize> = own.telling.iter().map(|print| (*print, 20)).collect();
    assert_eq!(weigh(&one, &own, &theirs, &common), None);
}

#[test]
fn an_empty_text_is_like_nothing() {
    for text in ["", "   \n", "> all\n> quoted", "Please help."] {
        let traits = report("quern", "", text);
        assert_eq!(likeness(&traits, &traits), None, "{text}");
    }
}

#[test]
fn tricks_with_letters_change_nothing() {
    let plain =
        report("quern", "Flaw", "grind_row in lib/mill/rows.c trusts the number of sacks that the wagon brings.");
    let tricky = report(
        "quern",
        "Flaw",
        "gr\u{200b}ind_row in lib/mi\u{200d}ll/rоws.c tru\u{ad}sts the number of sаcks that the wagon brings.",
    );
    assert_eq!(likeness(&tricky, &plain).unwrap().points, likeness(&plain, &plain).unwrap().points);
}

#[test]
fn a_hostile_text_has_few_prints_and_short_names() {
    let names: String =
        (0..20_000).map(|n| format!("lib/f{n}_{}/m{n}.py call_{n}() CVE-2026-{n:05} ", "x".repeat(100))).collect();
    let traits = report("quern", &names, &names.replace(' ', "\n"));
    let prints = traits.prints(&key());
    assert!(prints.keys().count() <= 100, "{}", prints.keys().count());
    assert!(traits.facts.iter().all(|fact| fact.said.chars().count() <= 60));
    assert!(likeness(&traits, &traits).unwrap().reasons.iter().all(|reason| reason.len() < 1000));
}
