//! Conflicts of interest: cases that are kept from a member, who may say so, and who is left to read them.

use crate::domain::address::Mailbox;
use crate::domain::case::CaseRef;
use crate::domain::directory::{Member, MemberRole};
use crate::domain::id::CaseId;

/// The longest reason, in characters.
pub const REASON_MAX: usize = 500;

/// The cases that are kept from one member; most members have none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptCases(Vec<(CaseId, CaseRef)>);

impl KeptCases {
    pub fn new(cases: Vec<(CaseId, CaseRef)>) -> Self {
        Self(cases)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this case is among them.
    pub fn has(&self, case: &CaseId) -> bool {
        self.0.iter().any(|(kept, _)| kept == case)
    }

    /// Whether the case of this printed number is among them.
    pub fn has_number(&self, number: &str) -> bool {
        self.0.iter().any(|(_, kept)| kept.as_str() == number)
    }

    /// Whether `text` names one of them.
    pub fn are_named_in(&self, text: &str) -> bool {
        // A number has no end of its own: SEC-2026-0004 stands in SEC-2026-00042 too, which is another.
        let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_digit());
        let named = |kept: &CaseRef| text.match_indices(kept.as_str()).any(|(at, word)| ends(&text[at + word.len()..]));
        self.0.iter().any(|(_, kept)| named(kept))
    }
}

/// Why a case was not kept from a member, or not given back; each a sentence for the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDeclared {
    #[error("There is no such case.")]
    NoCase,
    #[error("Say why, in up to {REASON_MAX} characters. The committee reads it on the page of the case.")]
    NoReason,
    #[error("This address is not a member of the committee.")]
    NotAMember,
    #[error("The chair decides this for others. You can step aside yourself.")]
    NotTheChair,
    #[error("The case is kept from this member already.")]
    Already,
    #[error(
        "Nobody of the committee would be left to read the case. Somebody else has to be able to work on it first."
    )]
    NobodyLeft,
    #[error("The case is not kept from this member.")]
    NotKept,
}

/// Those of the committee who may read a case that is kept from `kept`.
pub fn readers<'m>(committee: &'m [Member], kept: &'m [Mailbox]) -> impl Iterator<Item = &'m Member> {
    committee.iter().filter(|member| !kept.contains(&member.email))
}

/// Whether `by` may keep the case from another, or give it back: the chair; where no chair reads the case, a secretary.
pub fn decides_for_others(by: &Member, committee: &[Member], kept: &[Mailbox]) -> bool {
    let chair_reads = readers(committee, kept).any(|member| member.role == MemberRole::Chair);
    match by.role {
        MemberRole::Chair => true,
        MemberRole::Secretary => !chair_reads,
        MemberRole::Member => false,
    }
}

/// Whether the case may be kept from `whom`, who need not be another than `by`.
pub fn may_be_kept(by: &Member, whom: &Mailbox, committee: &[Member], kept: &[Mailbox]) -> Result<(), NotDeclared> {
    if !committee.iter().any(|member| member.email == *whom) {
        return Err(NotDeclared::NotAMember);
    }
    if by.email != *whom && !decides_for_others(by, committee, kept) {
        return Err(NotDeclared::NotTheChair);
    }
    if kept.contains(whom) {
        return Err(NotDeclared::Already);
    }
    match readers(committee, kept).any(|member| member.email != *whom) {
        true => Ok(()),
        false => Err(NotDeclared::NobodyLeft),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox(name: &str) -> Mailbox {
        Mailbox::parse(&format!("{name}@story.example")).unwrap()
    }

    fn member(name: &str, role: MemberRole) -> Member {
        Member { name: name.to_owned(), email: mailbox(name), role, term_start: None }
    }

    fn committee() -> Vec<Member> {
        vec![
            member("ada", MemberRole::Chair),
            member("sven", MemberRole::Secretary),
            member("tania", MemberRole::Member),
        ]
    }

    #[test]
    fn the_chair_decides_for_all_and_everybody_for_themselves() {
        let committee = committee();
        let [ada, sven, tania] = &committee[..] else { panic!("three") };
        let may = |by: &Member, whom: &Member, kept: &[Mailbox]| may_be_kept(by, &whom.email, &committee, kept);
        assert_eq!(may(ada, tania, &[]), Ok(()));
        assert_eq!(may(ada, ada, &[]), Ok(()));
        assert_eq!(may(tania, tania, &[]), Ok(()));
        assert_eq!(may(tania, ada, &[]), Err(NotDeclared::NotTheChair));
        assert_eq!(may(sven, tania, &[]), Err(NotDeclared::NotTheChair));
        assert_eq!(may(sven, tania, &[mailbox("ada")]), Ok(()), "no chair reads it");
        assert_eq!(may(ada, tania, &[mailbox("tania")]), Err(NotDeclared::Already));
        let nobody = may_be_kept(ada, &mailbox("nobody"), &committee, &[]);
        assert_eq!(nobody, Err(NotDeclared::NotAMember));
    }

    #[test]
    fn somebody_is_always_left_to_read_a_case() {
        let committee = committee();
        let kept = [mailbox("sven"), mailbox("TANIA")];
        assert_eq!(may_be_kept(&committee[0], &mailbox("ada"), &committee, &kept), Err(NotDeclared::NobodyLeft));
        assert_eq!(readers(&committee, &kept).map(|member| &member.name[..]).collect::<Vec<_>>(), ["ada"]);
    }

    #[test]
    fn a_text_names_a_case_by_its_whole_number() {
        let kept = KeptCases::new(vec![(CaseId::from_row("case"), CaseRef::from_row("SEC-2026-0004"))]);
        assert!(kept.are_named_in("linked to SEC-2026-0004.") && kept.are_named_in("SEC-2026-00041 SEC-2026-0004"));
        assert!(!kept.are_named_in("SEC-2026-00042") && !KeptCases::default().are_named_in("SEC-2026-0004"));
    }
}
