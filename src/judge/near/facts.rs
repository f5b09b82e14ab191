//! What a text names that another report of the same flaw would name too: ids, files, functions, paths of URLs, hosts.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use crate::domain::near::FactKind;
use crate::judge::fold::{fold_name, plain_line, undisguised};
use crate::judge::handles::is_common_word;
use crate::judge::near::shingles::hash;
use crate::judge::near::text::own_lines;
use crate::judge::words::words;

/// A longer chunk is data or hostile; nobody names anything so.
const CHUNK_MAX: usize = 300;
/// What a reason shows of a fact, in letters.
const SAID_MAX: usize = 60;
/// A shorter word between backticks is met in any text.
const SHORTEST_SYMBOL: usize = 4;

words! {
    /// Endings of files that hold source code, settings or pages of a program.
    SOURCE = "asp aspx bash bat c cc cfg cgi cmake conf config cpp cs cshtml csproj css cxx dart ejs el erb ex exs f90 fs
        gemspec go gradle groovy h hbs hpp hs htm html hxx ini ino ipynb java jinja jinja2 jl js json jsonnet jsp jsx kt
        kts less lock lua m make md mjs ml mm nim pas patch php phtml pl pm proto ps1 pug py pyi pyx pxd qml r rake rb rs
        rst sass scala scm scss sh sol sql svelte swift tcl tf toml tpl ts tsx twig v vb vue xml xsl yaml yml zig cjs mts";
    /// Parts of addresses that are written in full where a site is meant.
    TOP = "com org net io dev app edu gov mil info biz co me ai cloud example test uk de fr nl eu ca au us in jp br ru cn";
    /// Hosts to which reports refer for what a thing is, not for where it is.
    REFERENCE = "owasp.org cheatsheetseries.owasp.org cwe.mitre.org cve.mitre.org nvd.nist.gov cve.org portswigger.net
        developer.mozilla.org hackerone.com bugcrowd.com en.wikipedia.org wikipedia.org tools.ietf.org ietf.org
        rfc-editor.org datatracker.ietf.org w3.org stackoverflow.com medium.com youtube.com youtu.be drive.google.com
        docs.google.com google.com imgur.com i.imgur.com pastebin.com gist.github.com gist.githubusercontent.com
        raw.githubusercontent.com attacker.com evil.com example.com example.org example.net localhost securityheaders.com
        gmail.com outlook.com hotmail.com yahoo.com proton.me protonmail.com icloud.com ssllabs.com mxtoolbox.com kitterman.com codesandbox.io jsfiddle.net codepen.io stackblitz.com user-images.githubusercontent.com
        first.org snyk.io security.snyk.io npmjs.com npmjs.org pypi.org
        crates.io readthedocs.io readthedocs.org huntr.dev huntr.com exploit-db.com acunetix.com veracode.com
        infosecinstitute.com twitter.com x.com linkedin.com facebook.com loom.com streamable.com vimeo.com";
    /// Sites of repositories: the host says nothing, the path much.
    FORGE = "github.com gitlab.com codeberg.org bitbucket.org gitea.com sourceforge.net";
    /// Names that any program's report may hold.
    EVERYWHERE = "addeventlistener alert appendchild asan assert atob btoa callback cdata charset classname console
        constructor content-length content-type createelement cpython cstring curl decode decodeuricomponent document encode
        encodeuricomponent eval exec executable fetch filename free fopen fread fwrite getattr getelementbyid
        hasownproperty href html http httponly https imap import innerhtml instanceof int ipv4 ipv6 isadmin javascript
        json jsonify keyerror kwargs len length localhost localstorage main malloc memcpy memset mmap mysql nodejs
        null nullptr object onclick onerror onload onmouseover open openssl outerhtml parse password phpinfo popen
        postgresql print printf proto prototype querystring realloc regexp require root runtimeerror samesite script
        sendfile sessionstorage setattr setinterval settimeout sizeof sleep split sprintf sqlite stdin stdout stderr
        str strcat strcmp strcpy strdup string strlen strncpy subprocess svg system this tostring typeerror
        undefined unserialize urlopen user_id username userid valueerror valueof webkit whoami window xmlhttprequest
        yaml __init__ __proto__ __main__ __name__ __import__ __dirname __reduce__ __class__ __builtins__ iphone ipad macos jquery windows_nt x86_64 amd64 x_forwarded_for
        set_cookie noopener noreferrer child_process os.system etc passwd usr bin tmp var proc self dev home";
}

/// One thing that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub kind: FactKind,
    /// As it is compared: folded, without what differs between two reports of the same thing.
    pub value: String,
    /// As the text writes it, on one short line.
    pub said: String,
    /// Whether any text may name it; it says something only beside others.
    pub is_common: bool,
}

/// At most so many of a kind are kept. A log names thousands: of those the ones with the least hashes stay, which are the
/// same ones in another report with that log.
fn at_most(kind: FactKind) -> usize {
    match kind {
        FactKind::Symbol => 24,
        FactKind::Path | FactKind::Route => 12,
        FactKind::Id | FactKind::Mark | FactKind::Host => 8,
        FactKind::Project | FactKind::Thing => 4,
    }
}

/// All that `text` names, each once.
pub fn facts(text: &str) -> Vec<Fact> {
    Found::in_text(text).chosen()
}

/// Each place of `text` that names something, with the value of its fact.
pub fn mentions(text: &str) -> Vec<(FactKind, String, Range<usize>)> {
    Found::in_text(text).mentions
}

/// A piece of a line without blanks, with what stands around it.
struct Chunk<'t> {
    text: &'t str,
    /// Where in the line.
    at: usize,
    /// A backtick stands before it.
    is_code: bool,
    /// An opening bracket stands right behind it.
    is_called: bool,
    /// An angle bracket stands before it: a tag of HTML, or an address.
    is_tag: bool,
}

/// `parse_header(x)` is one chunk that is called, and `x`.
fn chunks(line: &str) -> impl Iterator<Item = Chunk<'_>> {
    let ends = |c: char| c.is_whitespace() || "\"'<>()[]{}|,;`\u{201c}\u{201d}\u{2018}\u{2019}*".contains(c);
    let (mut rest, mut before) = (line, None);
    std::iter::from_fn(move || {
        loop {
            let end = rest.find(ends).unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            let delimiter = after.chars().next();
            let trimmed = text.trim_start_matches(['.', ':', '!', '?', '=', '&']);
            let chunk = Chunk {
                at: line.len() - rest.len() + text.len() - trimmed.len(),
                text: trimmed.trim_end_matches(['.', ':', '!', '?', '=', '&']),
                is_code: before == Some('`'),
                is_called: delimiter == Some('('),
                is_tag: before == Some('<'),
            };
            if text.is_empty() && delimiter.is_none() {
                return None;
            }
            before = delimiter;
            rest = &after[delimiter.map_or(0, char::len_utf8)..];
            if !chunk.text.is_empty() && chunk.text.len() <= CHUNK_MAX {
                return Some(chunk);
            }
        }
    })
}

#[derive(Default)]
struct Found {
    facts: HashMap<(FactKind, String), Fact>,
    mentions: Vec<(FactKind, String, Range<usize>)>,
    /// Where the text names what is added now.
    here: Range<usize>,
}

impl Found {
    fn in_text(text: &str) -> Self {
        let mut found = Self::default();
        for (start, line) in own_lines(text) {
            for chunk in chunks(line) {
                found.here = start + chunk.at..start + chunk.at + chunk.text.len();
                match chunk.text.is_ascii() {
                    true => found.chunk(&chunk),
                    false => found.chunk(&Chunk { text: &undisguised(chunk.text), ..chunk }),
                }
            }
        }
        found
    }

    fn add(&mut self, kind: FactKind, value: &str, said: &str, is_common: bool) {
        let value = fold_name(value);
        if value.is_empty() {
            return;
        }
        self.mentions.push((kind, value.clone(), self.here.clone()));
        let said = || plain_line(said).chars().take(SAID_MAX).collect();
        let fact = || Fact { kind, value: value.clone(), said: said(), is_common };
        self.facts.entry((kind, value.clone())).or_insert_with(fact);
    }

    fn ids(&mut self, text: &str) {
        /// Numbers of single vulnerabilities in the registries that have them.
        static IDS: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(
                r"(?i-u)\b(?:CVE-[0-9]{4}-[0-9]{4,7}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}|(?:PYSEC|RUSTSEC|GO|OSV|MAL|DSA|USN)-[0-9]{4}-[0-9]{1,7})\b",
            )
            .expect("the pattern is a constant that its tests run")
        });
        // The year 0 stands for a number that is not known yet.
        for id in IDS.find_iter(text).filter(|id| !id.as_str().contains("-0000-")) {
            self.add(FactKind::Id, id.as_str(), &id.as_str().to_ascii_uppercase(), false);
        }
    }

    fn chunk(&mut self, chunk: &Chunk<'_>) {
        let text = chunk.text;
        self.ids(text);
        match text {
            // Whose address it is says nothing of the flaw; its domain may be the one that is meant.
            _ if text.contains('@') && !text.contains('/') => self.domain_of(text),
            _ if text.contains("://") => self.url(text),
            _ if chunk.is_tag => {}
            _ if is_digest(text) => self.add(FactKind::Symbol, text, text, false),
            _ if text.contains(['/', '\\']) => self.path(&text.replace('\\', "/")),
            _ if is_source(text) && !is_brand(text) => self.file(&[without_line(text)], text),
            _ if is_host(text) => self.host(text),
            _ => self.symbols(chunk),
        }
    }

    fn domain_of(&mut self, address: &str) {
        if let Some((_, domain)) = address.rsplit_once('@').filter(|(_, domain)| is_host(domain)) {
            self.host(domain);
        }
    }

    fn url(&mut self, text: &str) {
        let Some(at) = text.find("http") else { return };
        let Ok(url) = Url::parse(&text[at..]) else { return };
        let Some(host) = url.host_str() else { return };
        if FORGE.has(host) {
            self.forge(&url);
        } else if !is_reference(host) {
            self.host(host);
            self.route(url.path());
            for (name, _) in url.query_pairs().take(8) {
                self.symbol(&name, false);
            }
        }
    }

    /// A file, an issue or a commit in a repository; the repository alone says no more than the project does.
    fn forge(&mut self, url: &Url) {
        let steps: Vec<&str> =
            url.path_segments().into_iter().flatten().filter(|step| !step.is_empty() && *step != "-").collect();
        match steps.as_slice() {
            [_, _, "issues" | "pull" | "merge_requests" | "commit" | "security" | "discussions", rest @ ..]
                if !rest.is_empty() =>
            {
                self.add(FactKind::Mark, &steps.join("/"), &steps.join("/"), false);
            }
            [_, _, "blob" | "tree" | "raw" | "blame" | "src", _, path @ ..] if !path.is_empty() => {
                self.file(path, &path.join("/"));
            }
            _ => {}
        }
    }

    fn path(&mut self, text: &str) {
        let text = without_line(text);
        let steps: Vec<&str> =
            text.split('/').filter(|step| !step.is_empty() && *step != "." && *step != "..").collect();
        match steps.as_slice() {
            [.., last] if is_source(last) && !is_host(steps[0]) => self.file(&steps, text.trim_start_matches("./")),
            [first, ..] if is_host(first) && !text.starts_with('/') => {
                self.host(first);
                self.route(&text[text.find('/').unwrap_or(text.len())..]);
            }
            _ if text.starts_with('/') => self.route(text),
            _ => {}
        }
    }

    /// The file by its name, where that is no common one, and by its name and folder.
    fn file(&mut self, steps: &[&str], said: &str) {
        let Some((name, folders)) = steps.split_last() else { return };
        let stem = name.split('.').next().unwrap_or(name);
        let is_common =
            stem.split(['-', '_']).all(|word| is_common_word(&word.to_ascii_lowercase())) || EVERYWHERE.has(stem);
        self.add(FactKind::Path, name, if is_common { name } else { said }, is_common);
        if let Some(folder) = folders.last() {
            self.add(FactKind::Path, &format!("{folder}/{name}"), said, false);
        }
    }

    /// `/users/17/avatar` and `/users/18/avatar` are one route.
    fn route(&mut self, path: &str) {
        let path = path.split(['?', '#']).next().unwrap_or(path);
        let is_number = |step: &str| is_digest(step) || step.bytes().all(|b| b.is_ascii_digit());
        let steps = path.split('/').filter(|step| !step.is_empty());
        let steps: Vec<&str> = steps.map(|step| if is_number(step) { "#" } else { step }).collect();
        let is_common =
            steps.iter().all(|step| is_common_word(&step.to_ascii_lowercase()) || EVERYWHERE.has(step) || *step == "#");
        if !steps.is_empty() && steps.len() <= 12 {
            self.add(FactKind::Route, &steps.join("/"), path, steps.len() < 2 || (is_common && steps.len() < 3));
        }
    }

    fn host(&mut self, host: &str) {
        let host = host.strip_prefix("www.").unwrap_or(host);
        if !is_reference(host) && !FORGE.has(host) {
            self.add(FactKind::Host, host, host, true);
        }
    }

    /// The names in `Mill::grind_all` or `mill.grindAll()`.
    fn symbols(&mut self, chunk: &Chunk<'_>) {
        let mut names = chunk.text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').peekable();
        while let Some(name) = names.next() {
            let is_last = names.peek().is_none();
            self.symbol(name, chunk.is_code || (is_last && chunk.is_called));
        }
    }

    fn symbol(&mut self, name: &str, is_code: bool) {
        let name = name.trim_matches('$');
        let is_name = name.len() >= SHORTEST_SYMBOL && !name.starts_with(|c: char| c.is_ascii_digit());
        if is_name
            && (is_coded(name) || is_code)
            && !EVERYWHERE.has(name)
            && !is_common_word(&name.to_ascii_lowercase())
        {
            self.add(FactKind::Symbol, name, name, !is_coded(name) && !has_humps(name));
        }
    }

    /// Of each kind those with the least hashes, in an order that is the same every time.
    fn chosen(self) -> Vec<Fact> {
        let mut facts: Vec<(u64, Fact)> =
            self.facts.into_values().map(|fact| (hash(fact.value.bytes()), fact)).collect();
        facts.sort_unstable_by(|(a_hash, a), (b_hash, b)| (a.kind, a_hash, &a.value).cmp(&(b.kind, b_hash, &b.value)));
        let mut chosen: Vec<Fact> = Vec::new();
        for (_, fact) in facts {
            if chosen.iter().filter(|other| other.kind == fact.kind).count() < at_most(fact.kind) {
                chosen.push(fact);
            }
        }
        chosen
    }
}

/// Written as code writes names: `grind_all`, `grindAll`.
fn is_coded(name: &str) -> bool {
    let inner_bar = name.trim_matches('_').contains('_');
    let starts_small = name.starts_with(|c: char| c.is_ascii_lowercase());
    inner_bar || (starts_small && name.chars().any(|c| c.is_ascii_uppercase()))
}

/// Written as code writes names and as brands are written: `GrindAll`.
fn has_humps(name: &str) -> bool {
    let letters = || name.chars();
    letters().zip(letters().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase())
}

/// A commit, a digest or a UUID: so many hex digits, of both sorts, are no word.
fn is_digest(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    is_hex && digits >= 3 && letters >= 2 && digits + letters >= 10
}

/// `mill.py`, also with a line behind it.
fn is_source(name: &str) -> bool {
    let name = without_line(name);
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        SOURCE.has(ending) && !stem.is_empty() && stem.chars().all(|c| c.is_alphanumeric() || "._-+@$".contains(c))
    })
}

/// `Node.js` is no file.
fn is_brand(name: &str) -> bool {
    name.ends_with(".js") && name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// `mill.py:120:4` and `mill.py#L120` without the line.
fn without_line(text: &str) -> &str {
    let text = text.split('#').next().unwrap_or(text);
    text.split_once(':').map_or(text, |(path, _)| path)
}

fn is_host(text: &str) -> bool {
    let text = text.split(':').next().unwrap_or(text);
    text.rsplit_once('.').is_some_and(|(name, top)| {
        let is_country = top.len() == 2 && top.bytes().all(|b| b.is_ascii_alphabetic()) && name.contains('.');
        (TOP.has(top) || is_country)
            && !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
    })
}

fn is_reference(host: &str) -> bool {
    REFERENCE.has(host.strip_prefix("www.").unwrap_or(host))
}
