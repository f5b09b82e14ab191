//! To whom asks how something is used, or tells of a fault that is no flaw in security.

use crate::mail::write::answers::{About, where_to_look};

/// The paragraphs of the answer.
pub fn words(about: &About<'_>) -> Vec<String> {
    vec![
        "Thank you for writing to us. A person has read your mail.".to_owned(),
        "This address is for vulnerabilities alone. We read yours as a question about use, or as a fault that lets \
         nobody do what they should not. The people who can help with that do not read here; they have places of their \
         own."
            .to_owned(),
        where_to_look(about, "The way to"),
        "If we have misread it, and somebody could do harm by it, answer us and say how. We look at it again."
            .to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use crate::domain::noise::CannedAnswer;
    use crate::mail::write::answers::tests::{plain, rich};

    #[test]
    fn to_a_question_about_use_in_full() {
        insta::assert_snapshot!(plain(CannedAnswer::Support), @r"
        Thank you for writing to us. A person has read your mail.

        This address is for vulnerabilities alone. We read yours as a question about use, or as a fault that lets nobody do what they should not. The people who can help with that do not read here; they have places of their own.

        The way to each of our projects: https://security.northlight.example/projects

        If we have misread it, and somebody could do harm by it, answer us and say how. We look at it again.
        ");
        insta::assert_snapshot!(rich(CannedAnswer::Support), @r"
        Thank you for writing to us. A person has read your mail.

        This address is for vulnerabilities alone. We read yours as a question about use, or as a fault that lets nobody do what they should not. The people who can help with that do not read here; they have places of their own.

        The way to Larkspur: https://larkspur.example

        If we have misread it, and somebody could do harm by it, answer us and say how. We look at it again.
        ");
    }
}
