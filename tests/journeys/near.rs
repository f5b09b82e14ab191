//! A second report of the same flaw: proposed with the reason, linked and unlinked by a member, its reporter kept apart.

use axum::http::{Method, StatusCode};
use fingerpost::domain::address::{Purpose, Token};
use fingerpost::domain::case::Closing;
use fingerpost::domain::directory::AutoForward;
use fingerpost::domain::id::MessageId;
use fingerpost::flows::closing::{self, NotClosed, Wish};
use fingerpost::flows::near::{self, NotLinked};
use fingerpost::flows::status::{self, StatusPage, StatusView};
use fingerpost::store::{CaseRow, ClockRow, chain_is_whole};
use jiff::SignedDuration;

use crate::composing::something_runs;
use crate::routes::Gate;
use crate::site::{HOST, ask, pages, sign_in_link, site};
use crate::stage::{Mail, Stage, mail, token_in};

/// Two people found the same flaw, and tell of it in words of their own.
fn jane() -> Mail {
    mail(
        "Jane Quill <jane@reporter.example>",
        "Over-read in Parsley 2.1",
        "Hello,\r\n\r\nsummary: a crafted table makes Parsley read past the end of its buffer.\r\nThe fault is in \
         `read_cell()`, src/table/cells.c:214: it trusts the count in the header.\r\n\r\nRegards,\r\nJane Quill\r\n",
    )
    .sent_by("jane@reporter.example")
}

fn kay() -> Mail {
    mail(
        "Kay Finch <kay@finder.example>",
        "Security: Parsley crashes on my file",
        "Good day. While fuzzing I saw AddressSanitizer stop Parsley 2.1 in read_cell (table/cells.c line 214).\r\n\
         My file is attached to no mail yet, ask me for it.\r\n\r\nKay Finch\r\n",
    )
    .sent_by("kay@finder.example")
}

impl Mail {
    fn sent_by(mut self, sender: &str) -> Self {
        self.sender = Some(sender.to_owned());
        self
    }
}

async fn in_triage() -> Stage {
    Stage::with(|directory| directory.routing.auto_forward = AutoForward::Off).await
}

/// Jane's case, then Kay's.
async fn cases(stage: &Stage) -> Vec<CaseRow> {
    let mut cases: Vec<CaseRow> =
        stage.house.store.all_cases(100).await.unwrap().into_iter().map(|line| line.case).collect();
    cases.sort_by(|a, b| a.number.cmp(&b.number));
    cases
}

async fn both_report(stage: &Stage) -> (CaseRow, CaseRow) {
    stage.mail_arrives(jane()).await;
    stage.passes(SignedDuration::from_hours(1)).await;
    stage.mail_arrives(kay()).await;
    let mut cases = cases(stage).await;
    assert_eq!(cases.len(), 2, "each has a case");
    let second = cases.remove(1);
    (cases.remove(0), second)
}

/// What is proposed for the newest case, with the reasons.
async fn proposed(stage: &Stage) -> Vec<(String, String)> {
    let newest = cases(stage).await.pop().unwrap();
    let proposals = stage.house.store.proposals(&[&newest.id]).await.unwrap();
    proposals.into_iter().map(|found| (found.like_number.to_string(), found.likeness.reasons.join(" · "))).collect()
}

async fn kinds(stage: &Stage, case: &CaseRow) -> Vec<String> {
    let events = stage.house.store.events_of(&case.id).await.unwrap();
    assert!(chain_is_whole(&events));
    events.into_iter().map(|event| format!("{} {}", event.kind, event.detail).trim().to_owned()).collect()
}

async fn clocks(stage: &Stage, case: &CaseRow) -> Vec<ClockRow> {
    stage.house.store.clocks_of(&case.id).await.unwrap()
}

async fn status_of(stage: &Stage, reporter: &str) -> StatusView {
    let token = Token::read(Purpose::StatusLink, &token_in(&stage.mail_to(reporter)[0], "/s/")).unwrap();
    match status::status(&stage.house, &token).await.unwrap() {
        StatusPage::Case(view) => *view,
        _ => panic!("a live link"),
    }
}

#[tokio::test]
async fn a_second_report_of_the_same_flaw_is_proposed_linked_and_unlinked_and_its_reporter_never_hears_of_the_first() {
    let stage = &in_triage().await;
    let (first, second) = both_report(stage).await;
    assert_eq!(
        proposed(stage).await,
        [(first.number.to_string(), "both name table/cells.c and read_cell · both are about parsley".to_owned())]
    );
    let before = (clocks(stage, &first).await, clocks(stage, &second).await, kinds(stage, &first).await);
    assert_eq!(near::link(&stage.house, &second.id, &first.id, &stage.chair()).await.unwrap(), Ok(()));
    stage.everything_due_happens().await;

    assert_eq!(stage.house.store.duplicate_of(&second.id).await.unwrap(), Some(first.number.clone()));
    assert!(proposed(stage).await.is_empty(), "what is linked is asked no more");
    assert_eq!(kinds(stage, &second).await.last().unwrap(), &format!("linked {}", first.number));
    let after = (clocks(stage, &first).await, clocks(stage, &second).await, kinds(stage, &first).await);
    assert_eq!(after, before, "no clock stopped, and the first case's record says nothing of the second");
    for (reporter, own, other, name) in
        [("jane@reporter.example", &first, &second, "Finch"), ("kay@finder.example", &second, &first, "Quill")]
    {
        let letters = stage.mail_to(reporter);
        assert_eq!(letters.len(), 1, "the receipt alone");
        let letter = letters[0].subject() + &letters[0].text();
        assert!(letter.contains(own.number.as_str()), "{letter}");
        assert!(!letter.contains(name) && !letter.contains(other.number.as_str()), "{letter}");
        let page = status_of(stage, reporter).await;
        assert_eq!((&page.number, page.sent.len(), page.said.len()), (&own.number, 1, 0));
        assert!(page.first_reply_due.is_some() && page.closed.is_none());
    }
    assert!(status_of(stage, "jane@reporter.example").await.read_at.is_none(), "nobody did a thing with hers");

    assert!(near::unlink(&stage.house, &second.id, &stage.chair()).await.unwrap());
    assert!(!near::unlink(&stage.house, &second.id, &stage.chair()).await.unwrap(), "once");
    assert_eq!(stage.house.store.duplicate_of(&second.id).await.unwrap(), None);
    assert_eq!(kinds(stage, &second).await.last().unwrap(), &format!("unlinked {}", first.number));
    assert_eq!(proposed(stage).await.len(), 1, "it is asked again");
    assert!(something_runs(stage, &first.id).await && something_runs(stage, &second.id).await);
}

#[tokio::test]
async fn not_the_same_is_remembered_and_can_be_taken_back() {
    let stage = in_triage().await;
    let (first, second) = both_report(&stage).await;
    assert!(near::not_the_same(&stage.house, &second.id, &first, &stage.chair()).await.unwrap());
    assert!(!near::not_the_same(&stage.house, &second.id, &first, &stage.chair()).await.unwrap(), "once");
    assert!(proposed(&stage).await.is_empty());
    assert_eq!(kinds(&stage, &second).await.last().unwrap(), &format!("not-the-same {}", first.number));
    assert!(near::may_be_the_same(&stage.house, &second.id, &first, &stage.chair()).await.unwrap());
    assert!(!near::may_be_the_same(&stage.house, &second.id, &first, &stage.chair()).await.unwrap());
    assert_eq!(proposed(&stage).await.len(), 1);
    assert_eq!(kinds(&stage, &second).await.last().unwrap(), &format!("may-be-the-same {}", first.number));
}

#[tokio::test]
async fn links_make_no_chain_and_no_circle_and_a_third_report_is_compared_with_the_first() {
    let stage = in_triage().await;
    let (first, second) = both_report(&stage).await;
    let link =
        async |case: &CaseRow, to: &CaseRow| near::link(&stage.house, &case.id, &to.id, &stage.chair()).await.unwrap();
    assert_eq!(link(&second, &second).await, Err(NotLinked::ToItself));
    assert_eq!(link(&second, &first).await, Ok(()));
    assert_eq!(link(&second, &first).await, Err(NotLinked::LinkedAlready(second.number.clone(), first.number.clone())));
    assert_eq!(link(&first, &second).await, Err(NotLinked::HasDuplicates(first.number.clone(), second.number.clone())));

    let mut third = kay().sent_by("lou@finder.example");
    third.from = "lou@finder.example".to_owned();
    third.message_id = "third@finder.example".to_owned();
    third.text = third.text.replace("Good day.", "Hi team,").replace("Kay Finch", "Lou");
    stage.mail_arrives(third).await;
    let proposals = proposed(&stage).await;
    assert_eq!(proposals.len(), 1, "two linked cases are one flaw: {proposals:?}");
    assert_eq!(proposals[0].0, first.number.to_string());
    let third = cases(&stage).await.pop().unwrap();
    assert_eq!(link(&third, &second).await, Err(NotLinked::NotTheFirst(second.number.clone(), first.number.clone())));
    assert_eq!(link(&third, &first).await, Ok(()));
    assert_eq!(stage.house.store.duplicates_of(&first.id).await.unwrap(), [second.number.clone(), third.number]);

    stage.mail_arrives(mail("max@finder.example", "Savory leaks", "The log of Savory holds tokens.")).await;
    let other = cases(&stage).await.pop().unwrap();
    let wish = Wish {
        id: MessageId::new(stage.now(), stage.house.chance()),
        reason: Closing::Duplicate,
        words: "We know of it.".to_owned(),
        duplicate_of: Some(other.number.to_string()),
        with_handlings: false,
    };
    let refusal = closing::close(&stage.house, &first.id, &wish, &stage.chair()).await.unwrap();
    assert_eq!(refusal, Err(NotClosed::HasDuplicates(second.number)), "closing makes no chain either");
}

#[tokio::test]
async fn the_same_scanner_about_two_hosts_the_same_form_and_the_same_signature_are_not_the_same_flaw() {
    let scan = |host: &str| {
        format!(
            "Hi team,\r\n\r\nI am a security researcher and found that https://{host}/ sends no X-Frame-Options header.\r\n\
             ## Steps to reproduce\r\n1. Open the page inside of a frame of your own.\r\n2. See that the browser shows it, \
             so that a visitor can be tricked into pressing buttons.\r\n## Impact\r\nClickjacking.\r\n\r\nBounty hunter Bob\r\n"
        )
    };
    let form = |subject: &str, what: &str| {
        let text = format!(
            "**Summary:**\r\n{what}\r\n\r\n**Steps to reproduce:**\r\n1. See above.\r\n\r\n**Impact:**\r\nHigh.\r\n\r\n\
             **Have you read our contributing guide?** yes\r\n- [x] I searched for the same issue before\r\n"
        );
        mail("jane@reporter.example", subject, &text)
    };
    let stage = in_triage().await;
    for report in [
        mail("bob@hunter.example", "Missing header", &scan("shop.parsley.example")),
        mail("bob@hunter.example", "Missing header", &scan("www.rosemary.example")),
        form("Traversal in Parsley", "`unpack_all()` in lib/archive/unpack.py follows links out of its folder."),
        form(
            "Denial of service in Parsley",
            "A deep table makes `render_tree()` in lib/table/render.py recurse for ever.",
        ),
    ] {
        stage.mail_arrives(report).await;
        assert_eq!(proposed(&stage).await, [], "case {}", cases(&stage).await.len());
    }
    let mut again = mail("eve@hunter.example", "Header missing", &scan("www.rosemary.example"));
    again.message_id = "again@hunter.example".to_owned();
    stage.mail_arrives(again).await;
    let found = proposed(&stage).await;
    assert_eq!(found.len(), 1, "the same host: {found:?}");
    assert_eq!(found[0].0, "SEC-2026-0002");
}

#[tokio::test]
async fn an_encrypted_report_is_like_nothing() {
    let stage = in_triage().await;
    let secret = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA5vX\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n";
    stage.mail_arrives(mail("jane@reporter.example", "secret", secret)).await;
    stage.mail_arrives(mail("kay@finder.example", "secret", secret)).await;
    assert_eq!(cases(&stage).await.len(), 2);
    assert!(proposed(&stage).await.is_empty());
}

#[tokio::test]
async fn triage_offers_compare_link_and_not_the_same_and_closing_names_the_first_case() {
    let stage = in_triage().await;
    let (first, second) = both_report(&stage).await;
    let pages = pages(&stage);
    let link = sign_in_link(&stage, "ada@foundation.example").await;
    let entered = ask(&pages, Method::POST, &format!("/login/{link}"), &[], "").await;
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    let get = async |path: &str| ask(&pages, Method::GET, path, &[("cookie", &cookie)], "").await.text();
    let here = [("cookie", cookie.as_str()), ("origin", &format!("https://{HOST}"))];

    let triage = get("/triage").await;
    for words in ["Looks like", "came later and looks like this one", "both name table/cells.c and read_cell"] {
        assert!(triage.contains(words), "{words} in {triage}");
    }
    let path = format!("/cases/{}/near/{}", second.number, first.number);
    let compared = get(&path).await;
    assert!(compared.contains("<mark>read_cell</mark>") && compared.contains("Jane Quill"), "{compared}");

    let pressed = ask(&pages, Method::POST, &path, &here, "act=link&back=triage").await;
    assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, "/triage"));
    let page = get(&format!("/cases/{}", second.number)).await;
    assert!(page.contains("told first.") && page.contains("Unlink"), "{page}");
    assert!(get(&format!("/cases/{}", first.number)).await.contains("do not know of each other"));
    let close = get(&format!("/cases/{}/close", second.number)).await;
    assert!(close.contains(&format!("name=\"duplicate_of\" value=\"{}\"", first.number)), "{close}");

    let refused = ask(&pages, Method::POST, &path, &here, "act=link").await;
    assert!(refused.text().contains("is linked to SEC-2026-0001 already"), "{}", refused.text());
    let unknown = ask(&pages, Method::POST, &path, &here, "act=merge").await;
    assert!(unknown.text().contains("Press one of the buttons."));
    for (act, is_linked) in [("unlink", false), ("not-the-same", false), ("may-be-the-same", false), ("link", true)] {
        let pressed = ask(&pages, Method::POST, &path, &here, &format!("act={act}&back=//evil.example")).await;
        assert_eq!(pressed.header("location"), format!("/cases/{}", second.number), "{act}");
        assert_eq!(stage.house.store.duplicate_of(&second.id).await.unwrap().is_some(), is_linked, "{act}");
    }
}

#[tokio::test]
async fn no_page_outside_of_the_desk_says_that_two_cases_look_alike() {
    let site = site().await;
    let proposals = site.stage.house.store.all_cases(10).await.unwrap();
    let ids: Vec<_> = proposals.iter().map(|line| &line.case.id).collect();
    assert!(!site.stage.house.store.proposals(&ids).await.unwrap().is_empty(), "these are alike: {}", ids.len());
    for (pattern, path) in site.gets(&[Gate::Public]) {
        let text = site.get(&path).await.text();
        assert!(!text.contains("Looks like") && !text.contains("/near/"), "{pattern}");
    }
}
