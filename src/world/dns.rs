//! DNS: the resolver that sender authentication asks; a table of records in tests, nobody where it is switched off.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::hickory_resolver::proto::rr::{Name, RData};
use mail_auth::spf::Spf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DnsError, DnssecStatus, Error, MX, MessageAuthenticator, Parameters, RecordSet,
    ResolverCache, SpfOutput, Txt,
};

/// All questions about one mail together. A report is not held up longer by a domain whose servers are slow:
/// its sender is unproven then, which a person can see.
const BUDGET: Duration = Duration::from_secs(10);

/// Whom sender authentication asks.
pub enum Resolver {
    /// The name servers of the machine. Answers are kept as long as they live by the library.
    System(MessageAuthenticator),
    /// Only these records exist.
    Table { records: Box<Table>, authenticator: MessageAuthenticator },
    /// Nobody: nothing can be proven by SPF or DKIM.
    Off,
}

/// The machine's resolver settings could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the machine's name servers cannot be read (/etc/resolv.conf): {0}")]
pub struct NoResolver(String);

/// DNS did not answer in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TookTooLong;

/// What DNS says of a domain that letters go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailDomain {
    TakesMail,
    /// It does not exist or takes no mail, and why as a sentence.
    Gone(&'static str),
    /// Nobody answered, or in a way that proves nothing.
    Unknown,
}

/// The TXT records at a name.
#[derive(Debug, PartialEq, Eq)]
pub enum Texts {
    /// All of them, each put together from its parts; empty where there are none.
    Found(Vec<Vec<u8>>),
    /// Nobody answered, or in a way that proves nothing.
    Unknown,
    /// Switched off.
    NotAsked,
}

const NO_NAME: &str = "The domain does not exist.";
/// RFC 7505: one MX record that names the root.
const NULL_MX: &str = "The domain says that it takes no mail.";

fn is_null_mx(records: &[MX]) -> bool {
    matches!(records, [MX { exchanges, .. }] if exchanges.iter().all(|exchange| matches!(&**exchange, "." | "")))
}

impl Resolver {
    /// Asks the name servers that the machine is set up with.
    pub fn system() -> Result<Self, NoResolver> {
        MessageAuthenticator::new_system_conf().map(Self::System).map_err(|error| NoResolver(error.to_string()))
    }

    /// Knows `records` and nothing else; never reaches the network.
    pub fn table(records: Table) -> Self {
        let no_servers = ResolverConfig::from_name_servers(Vec::new());
        let authenticator = MessageAuthenticator::new(no_servers, ResolverOpts::default());
        let records = Box::new(records);
        Self::Table { records, authenticator: authenticator.expect("a resolver without servers needs nothing") }
    }

    /// What SPF says (RFC 7208); `None` when switched off.
    pub async fn spf(&self, question: SpfParameters<'_>) -> Option<SpfOutput> {
        match self {
            Self::System(authenticator) => Some(authenticator.verify_spf(Parameters::new(question)).await),
            Self::Table { records, authenticator } => {
                Some(authenticator.verify_spf(records.parameters(question)).await)
            }
            Self::Off => None,
        }
    }

    /// What each DKIM signature of the message says (RFC 6376); `None` when switched off.
    pub async fn dkim<'x>(&'x self, message: &'x AuthenticatedMessage<'x>) -> Option<Vec<DkimOutput<'x>>> {
        match self {
            Self::System(authenticator) => Some(authenticator.verify_dkim(Parameters::new(message)).await),
            Self::Table { records, authenticator } => {
                Some(authenticator.verify_dkim(records.parameters(message)).await)
            }
            Self::Off => None,
        }
    }

    /// All TXT records at `name`. The library's own look-up takes the first that it can read, but of several DMARC
    /// records none counts.
    pub async fn texts(&self, name: &str) -> Texts {
        match self {
            Self::System(authenticator) => texts(authenticator, name).await,
            Self::Table { records, .. } => records.texts(name),
            Self::Off => Texts::NotAsked,
        }
    }

    /// Whether a domain takes mail at all (RFC 5321 section 5.1, RFC 7505).
    pub async fn mail_domain(&self, domain: &str) -> MailDomain {
        let found = match self {
            Self::Off => return MailDomain::Unknown,
            Self::Table { records, .. } if records.missing.contains(&full(domain)) => return MailDomain::Gone(NO_NAME),
            Self::Table { records, authenticator } => {
                self.in_time(authenticator.mx_lookup(domain, Some(&records.exchanges))).await
            }
            Self::System(authenticator) => {
                self.in_time(authenticator.mx_lookup(domain, None::<&Records<Box<str>, RecordSet<MX>>>)).await
            }
        };
        match found {
            Ok(Ok(records)) if is_null_mx(&records.rrset) => MailDomain::Gone(NULL_MX),
            // Without an MX record the address record counts; a domain without both is left to the bounce.
            Ok(Ok(_)) | Ok(Err(Error::Dns(DnsError::RecordNotFound(ResponseCode::NoError)))) => MailDomain::TakesMail,
            Ok(Err(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain)))) => MailDomain::Gone(NO_NAME),
            Ok(Err(_)) | Err(TookTooLong) => MailDomain::Unknown,
        }
    }

    /// Waits for the answers to all questions about one mail, at most 10 seconds.
    pub async fn in_time<T>(&self, questions: impl Future<Output = T>) -> Result<T, TookTooLong> {
        tokio::time::timeout(BUDGET, questions).await.map_err(|_| TookTooLong)
    }
}

async fn texts(authenticator: &MessageAuthenticator, name: &str) -> Texts {
    let Ok(name) = Name::from_str_relaxed(full(name)) else {
        return Texts::Unknown;
    };
    match authenticator.0.txt_lookup(name).await.map_err(Error::from) {
        Ok(found) => Texts::Found(found.answers().iter().filter_map(|record| text_of(&record.data)).collect()),
        Err(Error::Dns(DnsError::RecordNotFound(_))) => Texts::Found(Vec::new()),
        Err(_) => Texts::Unknown,
    }
}

/// The text of a TXT record; an answer may hold aliases as well.
fn text_of(data: &RData) -> Option<Vec<u8>> {
    match data {
        RData::TXT(txt) => Some(txt.txt_data.concat()),
        _ => None,
    }
}

/// DNS records by name.
#[derive(Clone)]
pub struct Table {
    /// As they stand in DNS, while `policies` holds what the library makes of them.
    texts: HashMap<Box<str>, Vec<Vec<u8>>>,
    policies: Records<Box<str>, Txt>,
    exchanges: Records<Box<str>, RecordSet<MX>>,
    v4: Records<Box<str>, RecordSet<Ipv4Addr>>,
    v6: Records<Box<str>, RecordSet<Ipv6Addr>>,
    names: Records<IpAddr, RecordSet<Box<str>>>,
    /// Domains that do not exist.
    missing: HashSet<Box<str>>,
    /// Names of which nobody says anything.
    unanswered: HashSet<Box<str>>,
}

impl Default for Table {
    fn default() -> Self {
        let no_such_name = Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain)));
        Self {
            texts: HashMap::new(),
            policies: Records { known: HashMap::new(), otherwise: Some(no_such_name) },
            exchanges: Records::default(),
            v4: Records::default(),
            v6: Records::default(),
            names: Records::default(),
            missing: HashSet::new(),
            unanswered: HashSet::new(),
        }
    }
}

impl Table {
    /// With one more TXT record at `name`. SPF and DKIM read the last one: a key below `_domainkey`, a policy elsewhere.
    #[must_use]
    pub fn with_txt(mut self, name: &str, value: &str) -> Self {
        let record = match name.contains("._domainkey.") {
            true => DomainKey::parse(value.as_bytes()).into(),
            false => Spf::parse(value.as_bytes()).into(),
        };
        self.policies.known.insert(full(name), record);
        self.texts.entry(full(name)).or_default().push(value.as_bytes().to_vec());
        self
    }

    /// With an MX record at `name`.
    #[must_use]
    pub fn with_mx(mut self, name: &str, exchange: &str) -> Self {
        let record = MX { exchanges: [full(exchange)].into(), preference: 10 };
        self.exchanges.known.insert(full(name), record_set(record));
        self
    }

    /// With an A or AAAA record at `name`.
    #[must_use]
    pub fn with_address(mut self, name: &str, address: IpAddr) -> Self {
        match address {
            IpAddr::V4(ip) => drop(self.v4.known.insert(full(name), record_set(ip))),
            IpAddr::V6(ip) => drop(self.v6.known.insert(full(name), record_set(ip))),
        }
        self
    }

    /// Without this domain: it does not exist.
    #[must_use]
    pub fn without_domain(mut self, name: &str) -> Self {
        self.missing.insert(full(name));
        self
    }

    /// Without an answer about the TXT records at `name`.
    #[must_use]
    pub fn without_answer(mut self, name: &str) -> Self {
        let trouble = Txt::Error(Error::Dns(DnsError::Resolver("no answer".to_owned())));
        self.policies.known.insert(full(name), trouble);
        self.unanswered.insert(full(name));
        self
    }

    fn texts(&self, name: &str) -> Texts {
        match self.unanswered.contains(&full(name)) {
            true => Texts::Unknown,
            false => Texts::Found(self.texts.get(&full(name)).cloned().unwrap_or_default()),
        }
    }

    fn parameters<'x, P>(&'x self, question: P) -> TableParameters<'x, P> {
        Parameters {
            params: question,
            cache_txt: Some(&self.policies),
            cache_mx: Some(&self.exchanges),
            cache_ptr: Some(&self.names),
            cache_ipv4: Some(&self.v4),
            cache_ipv6: Some(&self.v6),
        }
    }
}

type TableParameters<'x, P> = Parameters<
    'x,
    P,
    Records<Box<str>, Txt>,
    Records<Box<str>, RecordSet<MX>>,
    Records<Box<str>, RecordSet<Ipv4Addr>>,
    Records<Box<str>, RecordSet<Ipv6Addr>>,
    Records<IpAddr, RecordSet<Box<str>>>,
>;

/// The library asks with the dot of the root.
fn full(name: &str) -> Box<str> {
    format!("{}.", name.trim_end_matches('.').to_ascii_lowercase()).into()
}

fn record_set<T>(record: T) -> RecordSet<T> {
    RecordSet { rrset: [record].into(), dnssec_status: DnssecStatus::Indeterminate }
}

/// Records of one type, given to the library as a cache that is always warm.
#[derive(Clone)]
struct Records<K, V> {
    known: HashMap<K, V>,
    /// The answer for all other names; without one the library asks its servers, of which there are none.
    otherwise: Option<V>,
}

impl<K, V> Default for Records<K, V> {
    fn default() -> Self {
        Self { known: HashMap::new(), otherwise: None }
    }
}

impl<K: Hash + Eq, V: Clone> ResolverCache<K, V> for Records<K, V> {
    fn get<Q>(&self, name: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.known.get(name).or(self.otherwise.as_ref()).cloned()
    }

    fn remove<Q>(&self, _: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: K, _: V, _: Instant) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_domain_takes_mail_or_is_gone_and_silence_proves_neither() {
        let table = Table::default()
            .with_mx("mail.example", "mx.mail.example")
            .with_mx("null.example", ".")
            .without_domain("Gone.example");
        let resolver = Resolver::table(table);
        for (domain, says) in [
            ("mail.example", MailDomain::TakesMail),
            ("null.example", MailDomain::Gone(NULL_MX)),
            ("gone.example", MailDomain::Gone(NO_NAME)),
            ("silent.example", MailDomain::Unknown),
        ] {
            assert_eq!(resolver.mail_domain(domain).await, says, "{domain}");
        }
        assert_eq!(Resolver::Off.mail_domain("gone.example").await, MailDomain::Unknown);
    }
}
