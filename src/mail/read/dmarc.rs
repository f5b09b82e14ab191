//! DMARC (RFC 7489): which domains are one organization, and what the owner of a From domain asks for.
//!
//! Only the parser of the record is mail-auth's. Its verification walks up the tree of DNS and takes the topmost
//! domain with a record for the organization: one record at `github.io`, and `evil.github.io` would vouch for
//! `jane.github.io`. The public suffix list names such domains, also those of private owners, so we ask it.

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::dmarc::{Alignment, Dmarc, Policy};
use mail_auth::{DnsError, Error};

use crate::world::dns::{Resolver, Texts};

/// What is known of the wishes of the owner of a From domain.
#[derive(Debug, PartialEq, Eq)]
pub enum Owner {
    /// The owner published a record.
    Says {
        spf: Alignment,
        dkim: Alignment,
        asks: Ask,
    },
    /// The operator's own MTA has asked, and found that such mail passes.
    Passed,
    Silent,
    /// The one record there cannot be read.
    Faulty,
    /// RFC 7489 section 6.6.3: of several records none counts.
    Several,
    /// DNS did not answer.
    Unknown,
    /// Nobody is asked anything here.
    NotAsked,
}

/// What the owner of a domain wants done with mail that fails DMARC. It is shown and obeyed by nobody:
/// reporters write from odd places, so mail is never refused on DMARC alone (STANDARDS.md 1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    Nothing,
    Suspicion,
    Rejection,
}

/// What the checks of SPF and DKIM together came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// One of them passed for an aligned domain.
    Pass,
    Fail,
    /// None did, and one could not be made.
    Open,
}

impl Owner {
    /// Looks the record of `domain` up, and where it has none that of its organization: two questions at most.
    pub async fn of(domain: &str, resolver: &Resolver) -> Self {
        let own = Self::at(domain, domain, resolver).await;
        match organization(domain) {
            Some(organization) if own == Self::Silent && organization != domain => {
                Self::at(organization, domain, resolver).await
            }
            _ => own,
        }
    }

    /// What the record at `place`, which is `domain` or its organization, says of `domain`.
    async fn at(place: &str, domain: &str, resolver: &Resolver) -> Self {
        let texts = match resolver.texts(&format!("_dmarc.{place}")).await {
            Texts::Found(texts) => texts,
            Texts::Unknown => return Self::Unknown,
            Texts::NotAsked => return Self::NotAsked,
        };
        // What does not begin with "v=DMARC1" is no record: many domains answer every name with their SPF policy.
        let is_other = |record: &Result<Dmarc, Error>| matches!(record, Err(Error::Dns(DnsError::InvalidRecordType)));
        let mut records = texts.iter().map(|text| Dmarc::parse(text)).filter(|record| !is_other(record));
        match (records.next(), records.next()) {
            (None, _) => Self::Silent,
            (Some(_), Some(_)) => Self::Several,
            (Some(Ok(record)), None) if is_complete(&record) => {
                let policy = if place == domain { record.p } else { record.sp };
                Self::Says { spf: record.aspf, dkim: record.adkim, asks: asked(policy, record.t) }
            }
            (Some(_), None) => Self::Faulty,
        }
    }

    /// How SPF must be aligned.
    pub fn spf_alignment(&self) -> Alignment {
        match self {
            Self::Says { spf, .. } => *spf,
            _ => self.alignment_unsaid(),
        }
    }

    /// How DKIM must be aligned.
    pub fn dkim_alignment(&self) -> Alignment {
        match self {
            Self::Says { dkim, .. } => *dkim,
            _ => self.alignment_unsaid(),
        }
    }

    /// Relaxed, unless the owner may have asked for strict alignment where we could not read it.
    fn alignment_unsaid(&self) -> Alignment {
        match self {
            Self::Passed | Self::Silent => Alignment::Relaxed,
            _ => Alignment::Strict,
        }
    }

    /// How mail in the name of `domain` fared, for a member.
    pub fn words(&self, domain: &str, outcome: Outcome) -> String {
        match (self, outcome) {
            (Self::Passed, _) | (Self::Says { .. }, Outcome::Pass) => format!("DMARC pass for {domain}"),
            (Self::Says { .. }, Outcome::Open) => format!("DMARC could not be decided for {domain}"),
            (Self::Says { asks, .. }, Outcome::Fail) => {
                format!("DMARC fail for {domain}, its owner asks {}", asks.words())
            }
            (Self::Silent, _) => format!("no DMARC record for {domain}"),
            (Self::Faulty, _) => format!("the DMARC record for {domain} is faulty"),
            (Self::Several, _) => format!("several DMARC records for {domain}, of which none counts"),
            (Self::Unknown, _) => "DMARC could not be checked now".to_owned(),
            (Self::NotAsked, _) => "DMARC is not checked".to_owned(),
        }
    }
}

impl Ask {
    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "for nothing",
            Self::Suspicion => "to treat such mail as suspicious",
            Self::Rejection => "to reject such mail",
        }
    }
}

/// RFC 7489 section 6.6.3: a record without a policy counts where it asks for reports at least.
fn is_complete(record: &Dmarc) -> bool {
    record.p != Policy::Unspecified || !record.rua.is_empty()
}

/// What a policy asks for; an owner who only tests (`t=y`) means one step less.
fn asked(policy: Policy, is_test: bool) -> Ask {
    match (policy, is_test) {
        (Policy::Reject, false) => Ask::Rejection,
        (Policy::Reject, true) | (Policy::Quarantine, false) => Ask::Suspicion,
        (Policy::Quarantine, true) | (Policy::None | Policy::Unspecified, _) => Ask::Nothing,
    }
}

/// Whether a pass of `signer` proves `domain`: it is the same, or, relaxed, of one organization with it
/// (RFC 7489 section 3.1). Both in lower-case A-labels.
pub fn is_aligned(signer: &str, domain: &str, alignment: Alignment) -> bool {
    signer == domain || (alignment == Alignment::Relaxed && is_one_organization(signer, domain))
}

/// Whether two domains have one owner as far as the public suffix list knows.
pub fn is_one_organization(one: &str, other: &str) -> bool {
    organization(one).is_some_and(|owner| organization(other) == Some(owner))
}

/// The organizational domain (RFC 7489 section 3.2): one label below the public suffix. A public suffix has none.
fn organization(domain: &str) -> Option<&str> {
    psl::domain_str(domain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::dns::Table;

    /// Names and the text of one record at each.
    type Records<'r> = &'r [(&'r str, &'r str)];

    async fn owner(records: Records<'_>, domain: &str) -> Owner {
        let table = records.iter().fold(Table::default(), |table, (name, text)| table.with_txt(name, text));
        Owner::of(domain, &Resolver::table(table.without_answer("_dmarc.slow.example"))).await
    }

    fn says(spf: Alignment, dkim: Alignment, asks: Ask) -> Owner {
        Owner::Says { spf, dkim, asks }
    }

    #[tokio::test]
    async fn the_record_of_the_domain_counts_and_else_that_of_its_organization() {
        use Alignment::{Relaxed, Strict};
        let at = "_dmarc.example.org";
        let below = "_dmarc.a.example.org";
        let reject = says(Relaxed, Relaxed, Ask::Rejection);
        let table: [(&str, Records<'_>, &str, Owner); 19] = [
            ("its own", &[(at, "v=DMARC1; p=reject")], "example.org", reject),
            ("strict DKIM", &[(at, "v=DMARC1;p=none;adkim=s")], "example.org", says(Relaxed, Strict, Ask::Nothing)),
            ("strict SPF", &[(at, "v=DMARC1; p=none; aspf=s")], "example.org", says(Strict, Relaxed, Ask::Nothing)),
            ("p for below", &[(at, "v=DMARC1; p=reject")], "a.b.example.org", says(Relaxed, Relaxed, Ask::Rejection)),
            (
                "sp for below",
                &[(at, "v=DMARC1; p=reject; sp=quarantine; aspf=s")],
                "a.example.org",
                says(Strict, Relaxed, Ask::Suspicion),
            ),
            (
                "sp not for itself",
                &[(at, "v=DMARC1; p=none; sp=reject")],
                "example.org",
                says(Relaxed, Relaxed, Ask::Nothing),
            ),
            (
                "the nearer one",
                &[(at, "v=DMARC1; p=reject"), (below, "v=DMARC1; p=none")],
                "a.example.org",
                says(Relaxed, Relaxed, Ask::Nothing),
            ),
            ("nothing between", &[(below, "v=DMARC1; p=reject")], "b.a.example.org", Owner::Silent),
            ("none", &[], "example.org", Owner::Silent),
            ("not of the suffix", &[("_dmarc.github.io", "v=DMARC1; p=reject")], "jane.github.io", Owner::Silent),
            (
                "a suffix itself",
                &[("_dmarc.co.uk", "v=DMARC1; p=reject")],
                "co.uk",
                says(Relaxed, Relaxed, Ask::Rejection),
            ),
            ("something else", &[(at, "v=spf1 -all"), (at, "garbage")], "example.org", Owner::Silent),
            (
                "one beside something else",
                &[(at, "v=spf1 -all"), (at, "v=DMARC1; p=quarantine; t=y")],
                "example.org",
                says(Relaxed, Relaxed, Ask::Nothing),
            ),
            ("an unknown word", &[(at, "v=DMARC1; p=refuse")], "example.org", Owner::Faulty),
            ("half a word", &[(at, "v=DMARC1; p=reject; adkim=")], "example.org", Owner::Faulty),
            ("no policy", &[(at, "v=DMARC1; adkim=s")], "example.org", Owner::Faulty),
            ("several", &[(at, "v=DMARC1; p=none"), (at, "v=DMARC1; p=reject")], "example.org", Owner::Several),
            (
                "several below one",
                &[(at, "v=DMARC1; p=none"), (below, "v=DMARC1; p=none"), (below, "v=DMARC1; p=")],
                "a.example.org",
                Owner::Several,
            ),
            ("no answer", &[], "slow.example", Owner::Unknown),
        ];
        for (case, records, domain, expected) in table {
            assert_eq!(owner(records, domain).await, expected, "{case}");
        }
        assert_eq!(Owner::of("example.org", &Resolver::Off).await, Owner::NotAsked);
    }

    #[test]
    fn what_may_have_been_a_wish_for_strict_alignment_is_taken_as_one() {
        for owner in [Owner::Faulty, Owner::Several, Owner::Unknown, Owner::NotAsked] {
            assert_eq!((owner.spf_alignment(), owner.dkim_alignment()), (Alignment::Strict, Alignment::Strict));
        }
        for owner in [Owner::Silent, Owner::Passed] {
            assert_eq!((owner.spf_alignment(), owner.dkim_alignment()), (Alignment::Relaxed, Alignment::Relaxed));
        }
    }

    #[test]
    fn the_domains_of_one_organization_vouch_for_each_other_and_neighbors_on_a_public_suffix_do_not() {
        let table = [
            ("example.org", "example.org", true, true),
            ("bounces.example.org", "example.org", false, true),
            ("example.org", "a.example.org", false, true),
            ("a.example.org", "b.c.example.org", false, true),
            ("bbc.co.uk", "mail.bbc.co.uk", false, true),
            // Not in the list: its last label is the suffix.
            ("a.foundation.example", "b.foundation.example", false, true),
            ("org", "example.org", false, false),
            ("ample.org", "example.org", false, false),
            ("example.com", "example.org", false, false),
            ("evil.co.uk", "bbc.co.uk", false, false),
            ("co.uk", "bbc.co.uk", false, false),
            ("evil.github.io", "jane.github.io", false, false),
            ("evil.github.io", "github.io", false, false),
            ("github.io", "jane.github.io", false, false),
            ("github.io", "github.io", true, true),
            ("a.jane.github.io", "jane.github.io", false, true),
            // The suffix 公司.cn, which the list writes in its own letters.
            ("evil.xn--55qx5d.cn", "jane.xn--55qx5d.cn", false, false),
            // Every name below ck is a suffix, but www.
            ("a.anything.ck", "b.anything.ck", false, false),
            ("a.www.ck", "www.ck", false, true),
            ("", "example.org", false, false),
        ];
        for (signer, domain, strict, relaxed) in table {
            assert_eq!(is_aligned(signer, domain, Alignment::Strict), strict, "{signer} for {domain}, strict");
            assert_eq!(is_aligned(signer, domain, Alignment::Relaxed), relaxed, "{signer} for {domain}, relaxed");
        }
    }

    #[test]
    fn the_words_say_how_it_went_and_what_the_owner_asks() {
        let says = |asks| says(Alignment::Relaxed, Alignment::Relaxed, asks);
        let table = [
            (says(Ask::Rejection), Outcome::Pass, "DMARC pass for example.org"),
            (says(Ask::Rejection), Outcome::Fail, "DMARC fail for example.org, its owner asks to reject such mail"),
            (
                says(Ask::Suspicion),
                Outcome::Fail,
                "DMARC fail for example.org, its owner asks to treat such mail as suspicious",
            ),
            (says(Ask::Nothing), Outcome::Fail, "DMARC fail for example.org, its owner asks for nothing"),
            (says(Ask::Rejection), Outcome::Open, "DMARC could not be decided for example.org"),
            (Owner::Silent, Outcome::Fail, "no DMARC record for example.org"),
            (Owner::Faulty, Outcome::Pass, "the DMARC record for example.org is faulty"),
            (Owner::Several, Outcome::Fail, "several DMARC records for example.org, of which none counts"),
            (Owner::Unknown, Outcome::Pass, "DMARC could not be checked now"),
            (Owner::NotAsked, Outcome::Open, "DMARC is not checked"),
        ];
        for (owner, outcome, words) in table {
            assert_eq!(owner.words("example.org", outcome), words);
        }
    }
}
