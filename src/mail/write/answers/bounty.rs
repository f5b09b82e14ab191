//! To whom asks for money before, or instead of, a report.

use crate::mail::write::answers::About;

/// The paragraphs of the answer.
pub fn words(about: &About<'_>) -> Vec<String> {
    vec![
        "Thank you for asking first.".to_owned(),
        "We pay nothing for reports that come to this address, and nobody who reads it can promise a reward.".to_owned(),
        "If you have found a flaw, we would like to know of it all the same: what it is, in which version, and the steps \
         to see it. Answer with it: a person reads it, it goes to the project that it belongs to, and you \
         decide whether your name is told."
            .to_owned(),
        format!("How that goes: {}", about.how_link),
    ]
}

#[cfg(test)]
mod tests {
    use crate::domain::noise::CannedAnswer;
    use crate::mail::write::answers::tests::plain;

    #[test]
    fn to_a_question_for_money_in_full() {
        insta::assert_snapshot!(plain(CannedAnswer::Bounty), @r"
        Thank you for asking first.

        We pay nothing for reports that come to this address, and nobody who reads it can promise a reward.

        If you have found a flaw, we would like to know of it all the same: what it is, in which version, and the steps to see it. Answer with it: a person reads it, it goes to the project that it belongs to, and you decide whether your name is told.

        How that goes: https://security.northlight.example/how
        ");
    }
}
