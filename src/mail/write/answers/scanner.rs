//! To whom a scanner told of a missing header, a mail record, a TLS grade or a version banner.

use crate::mail::write::answers::{About, out_of_scope};

/// The paragraphs of the answer.
pub fn words(about: &About<'_>) -> Vec<String> {
    let mut paragraphs = vec![
        "Thank you for writing to us. A person has read your mail.".to_owned(),
        "It tells how a website or a mail domain is set up, as scanners do: headers, DNS records, TLS settings or a \
         version that a server names. Without a way to do harm by it, we do not treat that as a vulnerability."
            .to_owned(),
    ];
    paragraphs.extend(out_of_scope(about));
    paragraphs.push(
        "If we have misread it, and you can show what an attacker gains, answer us with the steps. We look at \
         it again."
            .to_owned(),
    );
    paragraphs.push(format!("What we take, and what becomes of it: {}", about.how_link));
    paragraphs
}

#[cfg(test)]
mod tests {
    use crate::domain::noise::CannedAnswer;
    use crate::mail::write::answers::tests::{plain, rich};

    #[test]
    fn to_a_scanners_finding_in_full() {
        insta::assert_snapshot!(plain(CannedAnswer::Scanner), @r"
        Thank you for writing to us. A person has read your mail.

        It tells how a website or a mail domain is set up, as scanners do: headers, DNS records, TLS settings or a version that a server names. Without a way to do harm by it, we do not treat that as a vulnerability.

        If we have misread it, and you can show what an attacker gains, answer us with the steps. We look at it again.

        What we take, and what becomes of it: https://security.northlight.example/how
        ");
        insta::assert_snapshot!(rich(CannedAnswer::Scanner), @r"
        Thank you for writing to us. A person has read your mail.

        It tells how a website or a mail domain is set up, as scanners do: headers, DNS records, TLS settings or a version that a server names. Without a way to do harm by it, we do not treat that as a vulnerability.

        In the words of Northlight:

        Missing headers on static sites.
        Mail records of domains that send no mail.

        In the words of Larkspur:

        Running a notebook of somebody else.

        If we have misread it, and you can show what an attacker gains, answer us with the steps. We look at it again.

        What we take, and what becomes of it: https://security.northlight.example/how
        ");
    }
}
