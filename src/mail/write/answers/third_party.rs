//! To whom tells of a server or product that others run or make, be it with software of ours.

use crate::mail::write::answers::About;

/// The paragraphs of the answer.
pub fn words(about: &About<'_>) -> Vec<String> {
    vec![
        "Thank you for writing to us. A person has read your mail.".to_owned(),
        "As we understand it, what is affected is a server or product that somebody else runs or makes. We have no way to \
         change it, and only they can say what should be done."
            .to_owned(),
        "Please tell them. Many sites say where in a file at /.well-known/security.txt; else try the address that their \
         site or their provider names for abuse or security."
            .to_owned(),
        "If the flaw is in our software as we publish it, answer us with the version and the steps that show it. We \
         look at it again."
            .to_owned(),
        format!("Which projects are ours: {}", about.directory_link),
    ]
}

#[cfg(test)]
mod tests {
    use crate::domain::noise::CannedAnswer;
    use crate::mail::write::answers::tests::plain;

    #[test]
    fn to_a_flaw_in_somebody_elses_server_in_full() {
        insta::assert_snapshot!(plain(CannedAnswer::ThirdParty), @r"
        Thank you for writing to us. A person has read your mail.

        As we understand it, what is affected is a server or product that somebody else runs or makes. We have no way to change it, and only they can say what should be done.

        Please tell them. Many sites say where in a file at /.well-known/security.txt; else try the address that their site or their provider names for abuse or security.

        If the flaw is in our software as we publish it, answer us with the version and the steps that show it. We look at it again.

        Which projects are ours: https://security.northlight.example/projects
        ");
    }
}
