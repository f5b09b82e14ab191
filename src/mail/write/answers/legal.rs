//! To whom asks about a license, a trademark or the law.

use crate::mail::write::answers::{About, where_to_look};

/// The paragraphs of the answer.
pub fn words(about: &About<'_>) -> Vec<String> {
    vec![
        "Thank you for writing to us. A person has read your mail.".to_owned(),
        "This address is for vulnerabilities alone. Nobody who reads it can answer a question about a license, a \
         trademark or the law, or speak for anybody in such a matter."
            .to_owned(),
        where_to_look(about, "The license stands with the source of"),
        "For anything else, please use the public contact of the foundation or of the project.".to_owned(),
        "If there is a vulnerability in what you wrote that we have not seen, answer us and say where. We look at \
         it again."
            .to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use crate::domain::noise::CannedAnswer;
    use crate::mail::write::answers::tests::{plain, rich};

    #[test]
    fn to_a_question_about_a_license_in_full() {
        insta::assert_snapshot!(plain(CannedAnswer::Legal), @r"
        Thank you for writing to us. A person has read your mail.

        This address is for vulnerabilities alone. Nobody who reads it can answer a question about a license, a trademark or the law, or speak for anybody in such a matter.

        The license stands with the source of each of our projects: https://security.northlight.example/projects

        For anything else, please use the public contact of the foundation or of the project.

        If there is a vulnerability in what you wrote that we have not seen, answer us and say where. We look at it again.
        ");
        insta::assert_snapshot!(rich(CannedAnswer::Legal), @r"
        Thank you for writing to us. A person has read your mail.

        This address is for vulnerabilities alone. Nobody who reads it can answer a question about a license, a trademark or the law, or speak for anybody in such a matter.

        The license stands with the source of Larkspur: https://larkspur.example

        For anything else, please use the public contact of the foundation or of the project.

        If there is a vulnerability in what you wrote that we have not seen, answer us and say where. We look at it again.
        ");
    }
}
