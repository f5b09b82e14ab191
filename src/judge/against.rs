//! Signs against a project: that a text only mentions it, or that the flaw is in something that goes with it.

use crate::judge::handles::is_common_word;
use crate::judge::place::Place;
use crate::judge::signs::{Form, is_any, is_manner, skip, starts_with};

/// Why a mention speaks against the flaw being in the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// "built on parsley", "such as parsley".
    Used,
    /// "the parsley plugin", "parsley-like".
    Addon,
    /// "Parsley version: 1.2" in a list of what is installed.
    Environment,
    /// "route this to parsley": whoever writes it may say so, but it is no sign of where the flaw is.
    Instructed,
    /// Below the line that ends a mail.
    Signed,
    /// "Acme Parsley": another's product may have that name.
    Behind,
}

impl Against {
    /// Points, on the scale of `weigh`.
    pub fn points(self) -> f32 {
        match self {
            Self::Used | Self::Instructed | Self::Signed => -2.6,
            Self::Environment => -2.5,
            Self::Addon => -2.2,
            Self::Behind => -1.0,
        }
    }
}

const ARTICLES: &[&str] = &["the", "a", "an", "our", "its", "own", "latest", "any", "some", "both"];
/// Words that name a use when they stand directly before.
const USES: &[&str] = &[
    "using",
    "uses",
    "use",
    "used",
    "via",
    "like",
    "including",
    "includes",
    "include",
    "than",
    "supports",
    "supporting",
    "requires",
    "require",
    "imports",
    "embeds",
    "bundles",
    "bundled",
    "wraps",
    "leverages",
    "extends",
    "integrates",
    "unlike",
    "installs",
];
/// "for parsley" is a use unless it is about a fix or a flaw for it.
const FOR_FLAWS: &[&str] = &[
    "vulnerability",
    "vulnerabilities",
    "advisory",
    "advisories",
    "fix",
    "fixes",
    "patch",
    "patches",
    "cve",
    "update",
    "updates",
    "report",
    "exploit",
    "poc",
    "issue",
    "security",
    "bounty",
];
/// What goes before "on", "by", "with", "as" and "to" where the name is only used.
const USE_PAIRS: &[(&str, &[&str])] = &[
    (
        "on",
        &[
            "built",
            "based",
            "running",
            "runs",
            "run",
            "relies",
            "depends",
            "depending",
            "deployed",
            "hosted",
            "top",
            "tested",
            "installed",
            "dependent",
            "rely",
            "depend",
        ],
    ),
    ("by", &["powered", "used", "backed", "inspired", "required", "driven"]),
    (
        "with",
        &[
            "integration",
            "integrated",
            "integrates",
            "compatible",
            "used",
            "together",
            "along",
            "combined",
            "conjunction",
            "works",
            "tested",
            "shipped",
            "bundled",
            "built",
            "integrate",
            "written",
            "compatibility",
            "interact",
            "interacts",
        ],
    ),
    ("as", &["such", "known"]),
    (
        "to",
        &[
            "similar",
            "compared",
            "alternative",
            "connect",
            "connects",
            "ported",
            "bindings",
            "interface",
            "connection",
            "dependency",
        ],
    ),
    ("from", &["forked", "derived", "inherited", "imported", "import"]),
    ("of", &["fork", "port", "top", "clone"]),
];
const ORDERS: &[&str] = &[
    "route",
    "routed",
    "forward",
    "forwarded",
    "send",
    "sent",
    "assign",
    "assigned",
    "deliver",
    "pass",
    "direct",
    "redirect",
    "hand",
    "escalate",
    "classify",
    "dispatch",
];
const ADDONS: &[&str] = &[
    "plugin",
    "plugins",
    "plug-in",
    "connector",
    "connectors",
    "extension",
    "extensions",
    "integration",
    "wrapper",
    "wrappers",
    "binding",
    "bindings",
    "adapter",
    "adaptor",
    "addon",
    "add-on",
    "theme",
    "themes",
    "middleware",
    "starter",
    "exporter",
    "clone",
    "alternative",
];

/// The signs against it at `place`, where it has `form`.
pub fn against(place: &Place<'_>, form: Form, is_below_signature: bool) -> Vec<Against> {
    let left = skip(&place.left, ARTICLES);
    [
        (Against::Used, is_used(left) || is_predicate(&place.left) || is_requirement(place.after)),
        (Against::Addon, is_addon(place)),
        (Against::Environment, is_environment(place)),
        (Against::Instructed, is_instructed(left)),
        (Against::Signed, is_below_signature),
        (Against::Behind, form != Form::Prefixed && is_behind_a_product(place)),
    ]
    .into_iter()
    .filter_map(|(sign, holds)| holds.then_some(sign))
    .collect()
}

fn is_used(left: &[&str]) -> bool {
    let Some((&nearest, further)) = left.split_first() else { return false };
    if is_any(nearest, USES) {
        return true;
    }
    if nearest.eq_ignore_ascii_case("for") {
        return !further.iter().take(2).any(|word| is_any(word, FOR_FLAWS));
    }
    USE_PAIRS.iter().any(|(link, before)| {
        nearest.eq_ignore_ascii_case(link) && further.first().is_some_and(|word| is_any(word, before))
    })
}

/// "Larder is a parsley framework": the sentence is about what stands before.
fn is_predicate(left: &[&str]) -> bool {
    starts_with(left, &[&["a", "an"], &["is", "are", "was"]])
}

/// `parsley>=1.2`: a line of another project's requirements.
fn is_requirement(after: &str) -> bool {
    after.starts_with(">=") || after.starts_with("~=")
}

fn is_addon(place: &Place<'_>) -> bool {
    let manner = place.hyphened_to().is_some_and(is_manner);
    manner || place.right.first().is_some_and(|word| is_any(word, ADDONS))
}

/// "Parsley version: 1.2", "- Parsley: 1.2".
fn is_environment(place: &Place<'_>) -> bool {
    let rest = place.after.trim_start_matches(['*', '`', ' ', '_']);
    let names_version = rest.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("version"));
    let rest = if names_version { rest[7..].trim_start_matches(['*', '`', ' ', '_', 's', '(', ')']) } else { rest };
    let Some(value) = rest.strip_prefix(':') else { return false };
    let value = value.trim_start_matches(['*', '`', ' ', 'v', '_']);
    place.starts_line && (names_version || value.starts_with(|c: char| c.is_ascii_digit()))
}

/// "route to", "forward this report to".
fn is_instructed(left: &[&str]) -> bool {
    let Some((nearest, further)) = left.split_first() else { return false };
    is_any(nearest, &["to", "as"]) && further.iter().take(4).any(|word| is_any(word, ORDERS))
}

/// A capitalized word that is no common one stands right before it: another product's or vendor's name.
fn is_behind_a_product(place: &Place<'_>) -> bool {
    let Some(word) = place.left.first() else { return false };
    let is_next = place.before.ends_with(' ') && place.before.trim_end().ends_with(word);
    is_next && word.starts_with(char::is_uppercase) && !is_common_word(&word.to_lowercase())
}

/// Where the signature of a mail starts: behind "-- " on a line of its own, or a closing formula near the end.
pub fn signature_start(body: &str) -> usize {
    /// Bytes from the end in which a closing formula is looked for.
    const NEAR_END: usize = 600;
    const FORMULAS: &[&str] =
        &["regards", "best regards", "kind regards", "sincerely", "thanks", "thank you", "cheers", "best", "yours"];
    if let Some(at) = body.rfind("\n-- \n").or_else(|| body.rfind("\n-- \r\n")) {
        return at;
    }
    let mut at = body.len();
    for line in body.rsplit('\n') {
        at = at.saturating_sub(line.len() + 1);
        if body.len() - at > NEAR_END {
            break;
        }
        if is_any(line.trim().trim_end_matches([',', '!', '.']), FORMULAS) {
            return at;
        }
    }
    body.len()
}
