//! M14, to the board: the report on a quarter, or that it is late. And to members: the draft, and that it waits.

use crate::domain::quarter::{Due, Quarter};
use crate::mail::write::flowed::Body;
use crate::mail::write::letters::Words;

/// `Tue 2026-09-15`: the day on which the report is to be with the board.
fn due_on(quarter: Quarter) -> String {
    quarter.due_on().strftime("%a %Y-%m-%d").to_string()
}

/// What the letter says of a report.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    pub quarter: Quarter,
    /// The reports and the first promise in a sentence.
    pub headline: &'a str,
    /// Of the projects' promises, those kept in time, and all whose outcome is known.
    pub acknowledged: (u32, u32),
    /// Opens it for whoever signs in.
    pub link: &'a str,
}

/// To the board, once the chair has approved the report.
pub fn report(view: &Report<'_>) -> Words {
    let (in_time, decided) = view.acknowledged;
    let mut body = Body::new().paragraph(view.headline);
    if decided > 0 {
        body = body.paragraph(format!("Projects acknowledged {in_time} of {decided} in time."));
    }
    Words {
        subject: format!("Security report, {}", view.quarter.title()),
        body: body.paragraph("Read:").line(view.link).paragraph("No titles and nothing of the reports are in it."),
    }
}

/// To the board: the day has passed. `board_link` opens what is overdue now.
pub fn late(quarter: Quarter, board_link: &str) -> Words {
    Words {
        subject: format!("Security report, {}, is late", quarter.title()),
        body: Body::new()
            .paragraph(format!(
                "The security committee's report on {} was due on {}, and its chair has not approved it yet. The \
                 committee was told as well. You get it as soon as it is approved.",
                quarter.title(),
                due_on(quarter)
            ))
            .paragraph("What waits for an answer now:")
            .line(board_link),
    }
}

/// To members, as each step of the way to the board falls due. `link` opens the draft.
pub fn draft(quarter: Quarter, step: Due, headline: &str, link: &str) -> Words {
    let (title, due) = (quarter.title(), due_on(quarter));
    let (subject, paragraphs) = match step {
        Due::Draft => (
            format!("Draft: security report, {title}"),
            [
                format!("The quarter is over, and its report to the board is drafted: {headline}"),
                format!(
                    "Add activities, challenges and the budget. The chair approves it by {due}, which sends it and \
                     freezes it:"
                ),
            ],
        ),
        Due::Reminder => (
            format!("Due on {due}: security report, {title}"),
            [
                format!("The report to the board still waits for the chair: {headline}"),
                format!("If it is not approved by the end of {due}, the board is told that it is late:"),
            ],
        ),
        Due::Late => (
            format!("Security report, {title}, is late"),
            [
                format!("The report was due on {due}, and the board was told today that it is late. {headline}"),
                "The chair approves it here, which sends it:".to_owned(),
            ],
        ),
    };
    let body = paragraphs.into_iter().fold(Body::new(), Body::paragraph);
    Words { subject, body: body.line(link) }
}

/// To members: a letter with the report came back.
pub fn not_delivered(quarter: Quarter, recipient: &str, status: &str, link: &str) -> Words {
    Words {
        subject: format!("The board did not get the security report, {}", quarter.title()),
        body: Body::new()
            .paragraph(format!(
                "The letter to {recipient} was refused ({status}). Please tell the board in another way, \
                                and correct [[board]] in projects.toml. The report:"
            ))
            .line(link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::write::letters::tests::shown;

    const LINK: &str = "https://security.northlight.example/quarters/2026-12";

    fn quarter() -> Quarter {
        Quarter::parse("2026-12").unwrap()
    }

    #[test]
    fn the_report_in_full() {
        let headline = "31 reports, 29 answered within 7 days, 2 late, 1 escalated.";
        let mut view = Report { quarter: quarter(), headline, acknowledged: (20, 22), link: LINK };
        insta::assert_snapshot!(shown(&report(&view)), @r"
        Security report, Sep-Nov 2026

        31 reports, 29 answered within 7 days, 2 late, 1 escalated.

        Projects acknowledged 20 of 22 in time.

        Read:
        https://security.northlight.example/quarters/2026-12

        No titles and nothing of the reports are in it.
        ");
        view.acknowledged = (0, 0);
        assert!(!shown(&report(&view)).contains("Projects"), "there is nothing to say of them");
    }

    #[test]
    fn that_it_is_late_in_full() {
        insta::assert_snapshot!(shown(&late(quarter(), "https://security.northlight.example/board")), @r"
        Security report, Sep-Nov 2026, is late

        The security committee's report on Sep-Nov 2026 was due on Tue
        2026-12-15, and its chair has not approved it yet. The committee was
        told as well. You get it as soon as it is approved.

        What waits for an answer now:
        https://security.northlight.example/board
        ");
    }

    #[test]
    fn what_members_are_told_in_full() {
        let headline = "31 reports, 29 answered within 7 days, 2 late, 1 escalated.";
        insta::assert_snapshot!(shown(&draft(quarter(), Due::Draft, headline, LINK)), @r"
        Draft: security report, Sep-Nov 2026

        The quarter is over, and its report to the board is drafted: 31 reports,
        29 answered within 7 days, 2 late, 1 escalated.

        Add activities, challenges and the budget. The chair approves it by Tue
        2026-12-15, which sends it and freezes it:
        https://security.northlight.example/quarters/2026-12
        ");
        insta::assert_snapshot!(shown(&draft(quarter(), Due::Reminder, headline, LINK)), @r"
        Due on Tue 2026-12-15: security report, Sep-Nov 2026

        The report to the board still waits for the chair: 31 reports, 29
        answered within 7 days, 2 late, 1 escalated.

        If it is not approved by the end of Tue 2026-12-15, the board is told
        that it is late:
        https://security.northlight.example/quarters/2026-12
        ");
        insta::assert_snapshot!(shown(&draft(quarter(), Due::Late, headline, LINK)), @r"
        Security report, Sep-Nov 2026, is late

        The report was due on Tue 2026-12-15, and the board was told today that
        it is late. 31 reports, 29 answered within 7 days, 2 late, 1 escalated.

        The chair approves it here, which sends it:
        https://security.northlight.example/quarters/2026-12
        ");
        insta::assert_snapshot!(shown(&not_delivered(quarter(), "board@northlight.example", "5.1.1", LINK)), @r"
        The board did not get the security report, Sep-Nov 2026

        The letter to board@northlight.example was refused (5.1.1). Please tell
        the board in another way, and correct [[board]] in projects.toml. The
        report:
        https://security.northlight.example/quarters/2026-12
        ");
    }
}
