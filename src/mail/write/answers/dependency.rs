//! To whom tells of a flaw in a library that our software uses and others make.

use crate::mail::write::answers::{About, where_to_look};

/// The paragraphs of the answer.
pub fn words(about: &About<'_>) -> Vec<String> {
    vec![
        "Thank you for writing to us. A person has read your mail.".to_owned(),
        "As we understand it, the flaw is in a library that our software uses and that others make. They alone can mend \
         it; if they may not know of it yet, please tell them, by the way that their repository names for security."
            .to_owned(),
        "What concerns us is a way to use that flaw through our software, or a release of ours that carries the affected \
         version and cannot run with a mended one. If you know of either, answer us with the versions and the \
         steps. We look at it again."
            .to_owned(),
        where_to_look(about, "How to reach"),
    ]
}

#[cfg(test)]
mod tests {
    use crate::domain::noise::CannedAnswer;
    use crate::mail::write::answers::tests::{plain, rich};

    #[test]
    fn to_a_flaw_in_a_library_of_others_in_full() {
        insta::assert_snapshot!(plain(CannedAnswer::Dependency), @r"
        Thank you for writing to us. A person has read your mail.

        As we understand it, the flaw is in a library that our software uses and that others make. They alone can mend it; if they may not know of it yet, please tell them, by the way that their repository names for security.

        What concerns us is a way to use that flaw through our software, or a release of ours that carries the affected version and cannot run with a mended one. If you know of either, answer us with the versions and the steps. We look at it again.

        How to reach each of our projects: https://security.northlight.example/projects
        ");
        insta::assert_snapshot!(rich(CannedAnswer::Dependency), @r"
        Thank you for writing to us. A person has read your mail.

        As we understand it, the flaw is in a library that our software uses and that others make. They alone can mend it; if they may not know of it yet, please tell them, by the way that their repository names for security.

        What concerns us is a way to use that flaw through our software, or a release of ours that carries the affected version and cannot run with a mended one. If you know of either, answer us with the versions and the steps. We look at it again.

        How to reach Larkspur: https://larkspur.example
        ");
    }
}
