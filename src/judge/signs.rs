//! Signs for a project: the form in which a text names it, and what part it has in its sentence.

use crate::judge::handles::Handle;
use crate::judge::names::{Hit, Joint};
use crate::judge::place::Place;

/// The form of a mention: how sure it is that this project is meant at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// On a package registry, or by a coordinate that names nothing else.
    Registry,
    /// In `node_modules/` or `site-packages/`.
    Installed,
    /// `owner/name` outside of an address.
    Repository,
    /// The address of its repository.
    RepositoryAddress,
    /// With the foundation's prefix before it.
    Prefixed,
    /// By its own rare name.
    Name,
    Domain,
    /// One of its modules, namespaces or paths.
    Import,
    /// `parsley.read`, `parsley::read`.
    Member,
    /// `ParsleyReader`.
    CamelPart,
    /// `parsley.py`.
    File,
    /// Its name in unusual capitals.
    OtherCase,
    /// A common word that stands like a name: capitalized or in code.
    CommonName,
    /// A common word, written like any other.
    CommonWord,
    /// A part of a longer name, path or address that is probably another's.
    Part,
}

impl Form {
    /// Points, on the scale of `weigh`.
    pub fn points(self) -> f32 {
        match self {
            Self::Registry | Self::Repository => 3.0,
            Self::Prefixed | Self::Import | Self::Installed => 2.5,
            Self::Name | Self::Domain | Self::Member => 2.0,
            Self::RepositoryAddress => 1.8,
            Self::CamelPart | Self::OtherCase => 1.5,
            Self::File => 1.2,
            Self::CommonName => 0.8,
            Self::Part => 0.3,
            Self::CommonWord => 0.0,
        }
    }

    /// Whether it may mean something else altogether.
    pub fn is_vague(self) -> bool {
        matches!(self, Self::CommonName | Self::CommonWord | Self::Part)
    }
}

const REGISTRIES: &[&str] = &[
    "npmjs.com/package/",
    "npmjs.org/package/",
    "npmjs.com/",
    "unpkg.com/",
    "jsdelivr.net/npm/",
    "pypi.org/project/",
    "pypi.python.org/pypi/",
    "pypi.org/pypi/",
    "crates.io/crates/",
    "docs.rs/",
    "rubygems.org/gems/",
    "packagist.org/packages/",
    "hex.pm/packages/",
    "nuget.org/packages/",
    "pkg.go.dev/",
    "anaconda.org/conda-forge/",
    "pkg:npm/",
    "pkg:pypi/",
    "pkg:cargo/",
    "pkg:gem/",
    "pkg:nuget/",
    "pkg:conda/",
    "pkg:hex/",
    "pkg:generic/",
];
const INSTALLED: &[&str] = &["node_modules/", "site-packages/", "dist-packages/", "node_modules\\", "site-packages\\"];
const DOMAIN_ENDS: &[&str] = &["com", "org", "net", "io", "dev", "ai", "app", "co", "edu", "gov", "de", "eu"];
const FILE_ENDS: &[&str] = &[
    "py", "java", "c", "h", "cc", "cpp", "hpp", "rb", "go", "rs", "php", "html", "htm", "ts", "tsx", "jsx", "mjs",
    "xml", "json", "yml", "yaml", "toml", "conf", "cfg", "ini", "exe", "dll", "so", "jar", "war", "zip", "sh", "md",
    "cs", "pyx", "css", "txt", "log",
];

/// The form of `hit`, which the text has as `written`.
pub fn form(hit: &Hit<'_>, written: &str, place: &Place<'_>) -> Form {
    let handle = hit.handle;
    let is_named = handle.is_name || handle.is_prefixed || !handle.package_types.is_empty();
    if handle.is_coordinate && !is_named {
        return Form::Registry;
    }
    if handle.is_repository && !is_named {
        return if is_in_address(place) { Form::RepositoryAddress } else { Form::Repository };
    }
    if handle.is_domain && !handle.is_name {
        return if place.before.ends_with('@') || place.before.ends_with('.') { Form::Part } else { Form::Domain };
    }
    if handle.is_import && !is_named && !handle.is_common {
        return Form::Import;
    }
    joined_form(handle, place).unwrap_or_else(|| free_form(hit, written, place))
}

/// The form of a name that other letters are joined to.
fn joined_form(handle: &Handle, place: &Place<'_>) -> Option<Form> {
    let before = place.before;
    let common_or = |form| Some(if handle.is_common { Form::CommonName } else { form });
    if ends_with_any(before, REGISTRIES) {
        return Some(if joins_on(place) { Form::Part } else { Form::Registry });
    }
    if ends_with_any(before, INSTALLED) {
        return Some(if joins_on(place) { Form::Part } else { Form::Installed });
    }
    if before.ends_with('@') && place.after.starts_with('/') {
        return common_or(Form::File);
    }
    let joined_before = before.ends_with(['/', '\\', '.', '@', '~', '=', '$', '#']) || is_hyphened_before(before);
    if joined_before || place.hyphened_to().is_some_and(|word| !is_version(word) && !is_manner(word)) {
        return Some(Form::Part);
    }
    match place.dotted_to() {
        None | Some("js") => None,
        Some(end) if DOMAIN_ENDS.contains(&end) => Some(Form::Part),
        Some(end) if FILE_ENDS.contains(&end) => Some(if handle.is_common { Form::CommonWord } else { Form::File }),
        Some(end) if end.starts_with(|c: char| c.is_ascii_digit()) => None,
        Some(_) => common_or(Form::Member),
    }
}

/// The form of a name that stands by itself.
fn free_form(hit: &Hit<'_>, written: &str, place: &Place<'_>) -> Form {
    let handle = hit.handle;
    let is_as_said = handle.spellings.iter().any(|spelling| spelling == written);
    let words = written.split([' ', '-', '_']).count();
    let has_capital = written.starts_with(char::is_uppercase);
    match hit.joint {
        _ if handle.is_prefixed => Form::Prefixed,
        _ if handle.is_common && is_as_said && words >= 3 => Form::Name,
        _ if handle.is_common && is_as_said && words == 2 && (has_capital || !written.contains(' ')) => Form::OtherCase,
        Joint::Free if handle.is_common && (has_capital || place.is_code() || is_quoted(place)) => Form::CommonName,
        Joint::Free if handle.is_common && is_as_said && written.len() < 3 => Form::CommonName,
        _ if handle.is_common => Form::CommonWord,
        Joint::Camel => Form::CamelPart,
        Joint::Numbered => Form::OtherCase,
        Joint::Free if is_as_said || !written.contains(char::is_uppercase) => Form::Name,
        Joint::Free => Form::OtherCase,
    }
}

/// `pkg@1.2`, `pkg-1.2` and `pkg/lib` end the package's name; `pkg-extra` goes on.
fn joins_on(place: &Place<'_>) -> bool {
    place.hyphened_to().is_some_and(|word| !is_version(word))
        || place.dotted_to().is_some_and(|end| end != "js" && !is_version(end))
}

fn is_hyphened_before(before: &str) -> bool {
    let rest = before.trim_end_matches(['-', '_']);
    rest.len() < before.len() && rest.ends_with(char::is_alphanumeric)
}

fn is_version(word: &str) -> bool {
    word.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit())
}

/// `parsley-based`, `parsley-like`: says something of the name itself.
pub fn is_manner(word: &str) -> bool {
    ["based", "like", "compatible", "style", "powered", "specific", "related", "side"].contains(&word)
}

fn is_quoted(place: &Place<'_>) -> bool {
    place.before.ends_with(['"', '\'', '“', '‘']) && place.after.starts_with(['"', '\'', '”', '’'])
}

fn is_in_address(place: &Place<'_>) -> bool {
    place.before.ends_with('/') && place.before.contains("://")
}

fn ends_with_any(text: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| {
        text.len() >= end.len() && text.as_bytes()[text.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
    })
}

/// The part that a named thing has in its sentence, where it speaks for the flaw being in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// "Module name: parsley".
    Slot,
    /// "parsley before 1.2".
    Versioned,
    /// "Parsley is a …", at the start of a sentence.
    Defined,
    /// "Users of parsley should upgrade", "fixed in parsley".
    Fixed,
    /// "Hello Parsley team".
    Addressed,
    /// "a vulnerability in parsley".
    Flawed,
    /// The first word of the subject or of the text.
    Opens,
    /// "[parsley] …" as the subject.
    Tagged,
    /// "Parsley allows …", at the start of a sentence.
    Acts,
    /// "the parsley module".
    Kind,
}

impl Role {
    /// Points, on the scale of `weigh`.
    pub fn points(self) -> f32 {
        match self {
            Self::Slot => 2.5,
            Self::Versioned => 2.0,
            Self::Defined | Self::Fixed | Self::Addressed => 1.8,
            Self::Flawed => 1.6,
            Self::Opens => 1.5,
            Self::Tagged | Self::Acts => 1.2,
            Self::Kind => 0.8,
        }
    }
}

const ROLES: [Role; 10] = [
    Role::Slot,
    Role::Versioned,
    Role::Defined,
    Role::Fixed,
    Role::Addressed,
    Role::Flawed,
    Role::Opens,
    Role::Tagged,
    Role::Acts,
    Role::Kind,
];

/// All roles of what stands at `place`, the weightiest first.
pub fn roles(place: &Place<'_>, in_subject: bool) -> Vec<Role> {
    let left = skip(&place.left, DETERMINERS);
    ROLES
        .into_iter()
        .filter(|role| match role {
            Role::Slot => is_slot(place.line_before()),
            Role::Versioned => is_versioned(place),
            Role::Defined => {
                opens_sentence(place) && starts_with(&place.right, &[&["is", "are"], &["a", "an", "the", "one"]])
            }
            Role::Fixed => FIXED.iter().any(|phrase| starts_with(left, phrase)),
            Role::Addressed => is_addressed(left, place),
            Role::Flawed => is_flawed(left),
            Role::Opens => place.starts_text || (in_subject && opens_title(place.before)),
            Role::Tagged => in_subject && place.before.ends_with('[') && place.after.starts_with(']'),
            Role::Acts => acts(place),
            Role::Kind => place.right.first().is_some_and(|word| is_any(word, KINDS)) && is_led_in(&place.left),
        })
        .collect()
}

const DETERMINERS: &[&str] = &[
    "the", "a", "an", "our", "your", "npm", "package", "module", "library", "project", "python", "latest", "called",
    "named", "popular", "pip", "software",
];
const KINDS: &[&str] =
    &["module", "package", "library", "framework", "crate", "gem", "project", "codebase", "npm", "repository"];
const SLOTS: &[&str] = &[
    "module",
    "module name",
    "package",
    "package name",
    "product",
    "product name",
    "project",
    "project name",
    "component",
    "affected component",
    "affected package",
    "affected packages",
    "affected project",
    "affected product",
    "affected products",
    "affected module",
    "affected software",
    "affected library",
    "software",
    "library",
    "name",
    "repo",
    "repository",
    "affects",
    "affected",
    "vendor",
    "application",
    "target",
    "asset",
    "vulnerable package",
    "vulnerable component",
    "vulnerable product",
    "npm package",
    "npm module",
    "pypi package",
    "crate",
    "gem",
];
const FIXED: &[&[&[&str]]] = &[
    &[
        &["of"],
        &[
            "users",
            "user",
            "version",
            "versions",
            "release",
            "releases",
            "installations",
            "instances",
            "deployments",
            "maintainers",
        ],
    ],
    &[&["to"], &["upgrade", "update", "upgrading", "updating", "upgraded", "updated"]],
    &[&["in"], &["fixed", "patched", "resolved", "addressed"]],
    &[&["upgrade", "upgrading", "update", "patch"]],
    &[&["for"], &["fix", "patch", "advisory", "patches", "fixes", "advisories"]],
];
const ACTING: &[&str] = &[
    "allows",
    "allowed",
    "allow",
    "does",
    "do",
    "did",
    "fails",
    "failed",
    "contains",
    "contained",
    "suffers",
    "has",
    "had",
    "mishandles",
    "mishandled",
    "can",
    "could",
    "exposes",
    "exposed",
    "improperly",
    "incorrectly",
    "permits",
    "lets",
    "leaks",
    "lacks",
    "omits",
    "trusts",
    "accepts",
    "parses",
    "passes",
    "stores",
    "stored",
    "returns",
    "crashes",
    "renders",
    "makes",
    "made",
    "may",
    "might",
    "will",
    "creates",
    "created",
    "prior",
    "before",
    "through",
    "provides",
    "provided",
    "evaluates",
    "executes",
    "loads",
    "deserializes",
    "reads",
    "writes",
    "ignores",
    "misses",
    "inserts",
    "followed",
    "is",
    "was",
    "are",
    "relies",
    "depends",
    "sets",
    "enables",
    "generates",
    "validates",
    "logs",
    "discloses",
    "uses",
    "used",
    "when",
    "versions",
    "version",
];
const FLAW_WORDS: &[&str] = &[
    "vulnerability",
    "vulnerabilities",
    "flaw",
    "flaws",
    "issue",
    "issues",
    "bug",
    "bugs",
    "weakness",
    "weaknesses",
    "injection",
    "injections",
    "traversal",
    "xss",
    "csrf",
    "ssrf",
    "xxe",
    "rce",
    "dos",
    "redos",
    "lfi",
    "sqli",
    "idor",
    "overflow",
    "underflow",
    "execution",
    "disclosure",
    "escalation",
    "bypass",
    "deserialization",
    "pollution",
    "exposure",
    "validation",
    "control",
    "neutralization",
    "leak",
    "leakage",
    "redirect",
    "smuggling",
    "forgery",
    "scripting",
    "authentication",
    "authorization",
    "service",
    "handling",
    "entity",
    "references",
    "reference",
    "read",
    "write",
    "free",
    "corruption",
    "consumption",
    "limitation",
    "restriction",
    "defect",
    "hole",
    "problem",
    "takeover",
    "hijacking",
    "fixation",
    "spoofing",
    "cve",
    "exploit",
    "backdoor",
    "complexity",
    "management",
    "permissions",
    "permission",
    "encoding",
    "escaping",
    "sanitization",
    "verification",
    "credentials",
    "dereference",
    "collision",
    "race",
    "confusion",
    "poisoning",
    "splitting",
    "randomness",
    "storage",
    "transmission",
    "exhaustion",
    "crash",
    "security",
    "0day",
    "zero-day",
];
const FOUND: &[&str] = &[
    "found",
    "discovered",
    "identified",
    "exists",
    "exist",
    "reported",
    "present",
    "lies",
    "resides",
    "detected",
    "vulnerable",
    "occurs",
];

/// Whether the words before lead to a name, and are no name themselves: "in the", not "a parsley" of "a parsley node module".
fn is_led_in(left: &[&str]) -> bool {
    const LEADS: &[&str] =
        &["the", "a", "an", "in", "of", "this", "your", "our", "npm", "affecting", "called", "named", "for", "with"];
    left.first().is_none_or(|word| is_any(word, LEADS))
}

fn is_slot(line_before: &str) -> bool {
    let label = line_before.trim_end_matches('|');
    let Some(label) = label.strip_suffix(':').or((label.len() < line_before.len()).then_some(label)) else {
        return false;
    };
    let label = label.trim_matches(|c: char| !c.is_alphanumeric());
    is_any(label, SLOTS)
}

/// A version stands behind it, with nothing but words of range between.
fn is_versioned(place: &Place<'_>) -> bool {
    const RANGE: &[&str] = &[
        "version",
        "versions",
        "v",
        "release",
        "releases",
        "before",
        "prior",
        "to",
        "through",
        "up",
        "until",
        "<",
        "<=",
        "<",
        "less",
        "than",
        "and",
        "below",
        "between",
        "from",
        "in",
        "earlier",
        "at",
        "least",
        "module",
        "package",
        "library",
        "framework",
    ];
    if place.after.starts_with(|c: char| matches!(c, '"' | '\'') || c.is_alphanumeric()) {
        return false; // `"name": "parsley", "version": 3` and `parsley3` tell what was running
    }
    if place.after.strip_prefix(['@', '-']).is_some_and(is_version) || place.after.starts_with("==") {
        return true;
    }
    let stop = place.right.iter().take(5).find(|word| !is_any(word, RANGE));
    stop.is_some_and(|word| is_version(word.trim_start_matches(['<', '=', '>', '~'])))
}

fn opens_sentence(place: &Place<'_>) -> bool {
    place.starts_sentence || place.left.iter().all(|word| is_any(word, &["the", "in", "a"])) && place.left.len() <= 2
}

fn opens_title(before: &str) -> bool {
    let lead = before.trim_matches(|c: char| !c.is_alphanumeric());
    lead.is_empty()
        || is_any(
            lead,
            &[
                "re",
                "fwd",
                "fw",
                "security",
                "vulnerability",
                "security issue",
                "in",
                "the",
                "bug",
                "report",
                "vulnerability report",
                "security report",
            ],
        )
}

fn is_addressed(left: &[&str], place: &Place<'_>) -> bool {
    let greets = left.first().is_some_and(|word| is_any(word, &["hi", "hello", "dear", "hey"]));
    let is_people = place
        .right
        .first()
        .is_some_and(|word| is_any(word, &["team", "maintainers", "developers", "devs", "maintainer"]));
    greets || (is_people && left.len() <= 2)
}

/// "… vulnerability in", "… was found in", "affecting".
fn is_flawed(left: &[&str]) -> bool {
    let Some((&nearest, further)) = left.split_first() else { return false };
    if is_any(
        nearest,
        &[
            "affecting",
            "affects",
            "affected",
            "impacts",
            "impacting",
            "exploit",
            "exploiting",
            "crash",
            "crashes",
            "crashing",
        ],
    ) {
        return true;
    }
    let links = is_any(nearest, &["in", "of", "within", "with", "for", "inside"]);
    let is_found = is_any(nearest, &["in", "within"]) && further.iter().take(2).any(|word| is_any(word, FOUND));
    is_found
        || (links
            && further
                .iter()
                .take(if nearest.eq_ignore_ascii_case("in") { 4 } else { 1 })
                .any(|word| is_any(word, FLAW_WORDS)))
}

fn acts(place: &Place<'_>) -> bool {
    const STATES: &[&str] = &["vulnerable", "affected", "prone", "susceptible", "impacted"];
    let after_versions = skip(&place.right, &["versions", "version", "releases"]);
    let is_vulnerable = starts_with(after_versions, &[&["is", "are", "was", "were"], STATES]);
    let owns = place.after.starts_with("'s ") || place.after.starts_with("’s ");
    is_vulnerable || (opens_sentence(place) && (owns || place.right.first().is_some_and(|word| is_any(word, ACTING))))
}

/// `words` without those at its start that are in `skipped`.
pub fn skip<'w, 't>(words: &'w [&'t str], skipped: &[&str]) -> &'w [&'t str] {
    &words[words.iter().take_while(|word| is_any(word, skipped)).count()..]
}

/// Whether each step of `phrase` holds the word at its place.
pub fn starts_with(words: &[&str], phrase: &[&[&str]]) -> bool {
    words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, step)| is_any(word, step))
}

/// Whether `word` is one of `words`, which are in lower case.
pub fn is_any(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}
