//! Mails of our own in the shapes of many programs, and what stays of them.

use super::*;

#[test]
fn the_quotations_of_common_mail_programs_are_cut() {
    for (program, text) in [
        (
            "Gmail",
            "We look.\n\nOn Fri, Nov 20, 2026 at 3:00 PM Story security committee <security@story.example>\nwrote:\n\n> You are\n> a contact\n",
        ),
        ("Thunderbird", "On 11/20/26 15:00, Story security committee wrote:\n> You are a contact\n\nWe look.\n"),
        ("mutt", "On Fri, Nov 20, 2026 at 03:00:00PM +0000, Story wrote:\n> You are\n\nWe look.\n\n-- \nKai\n"),
        (
            "Apple Mail",
            "We look.\n\n> On 20 Nov 2026, at 15:00, Story <security@story.example> wrote:\n> \n> You are\n",
        ),
        (
            "Outlook",
            "We look.\n\n________________________________\nFrom: Story <security@story.example>\nSent: Friday, November 20, 2026 3:00 PM\nTo: Kai\nSubject: [SEC-2026-0001] x\n\nYou are a contact\n",
        ),
        (
            "Outlook, plain",
            "We look.\r\n\r\n-----Original Message-----\r\nFrom: Story\r\nSent: Friday\r\nTo: Kai\r\nSubject: x\r\n\r\nYou are\r\n",
        ),
        (
            "Outlook, German",
            "We look.\n\nVon: Story <security@story.example>\nGesendet: Freitag, 20. November 2026 15:00\nAn: Kai\nBetreff: x\n\nSie sind\n",
        ),
        ("Outlook, bold", "We look.\n\n**From:** Story\n**Sent:** Friday\n**To:** Kai\n**Subject:** x\n\nYou are\n"),
        (
            "Gmail, German",
            "We look.\n\nAm Fr., 20. Nov. 2026 um 15:00 Uhr schrieb Story <\nsecurity@story.example>:\n\n> You are\n",
        ),
        (
            "Gmail, French",
            "We look.\n\nLe ven. 20 nov. 2026 à 15:00, Story <security@story.example> a\nécrit :\n\n> You are\n",
        ),
        (
            "Gmail, Spanish",
            "We look.\n\nEl vie, 20 nov 2026 a las 15:00, Story (<security@story.example>) escribió:\n\n> You are\n",
        ),
        ("Gmail, Japanese", "We look.\n\n2026年11月20日(金) 15:00 Story <security@story.example>:\n\n> You are\n"),
        (
            "Gmail, Chinese",
            "We look.\n\nStory <security@story.example> 于2026年11月20日周五 15:00写道：\n\n> You are\n",
        ),
        ("Thunderbird, Dutch", "Op 20-11-2026 om 15:00 schreef Story:\n> You are\nWe look.\n"),
        ("no line above it", "We look.\n\n> You are\n> a contact\n"),
        ("a phone", "We look.\n\nSent from my phone\n\nOn Fri, 20 Nov 2026, Story wrote:\n> You are\n"),
    ] {
        assert_eq!(visible(text), "We look.", "{program}");
    }
}

#[test]
fn answers_between_quoted_lines_stay_and_the_lines_between_go() {
    let text =
        "On Friday, Story wrote:\n> Which version?\n\n2.1\n\n> And before?\n\nAll of them.\nSince 2019.\n\n-- \nKai";
    assert_eq!(visible(text), "2.1\n\nAll of them.\nSince 2019.");
}

#[test]
fn what_may_be_the_writers_own_stays() {
    for text in [
        "Run this:\n>>> import parsley\n>>> parsley.read(b'x')\nIt crashes.",
        "On line 3 it says:\n  a > b\nwhich is wrong.",
        "$ cat <<E\n> one\n> E\nand it hangs",
        "diff:\n--- a/src/x.c\n+++ b/src/x.c\n-- comment\nend",
        "These headers get through:\nFrom: a\nSubject: b\nEnd.",
        "The manual wrote: never mind.",
        "> a single line\nand more",
        "one\n\n\ntwo\n  three",
    ] {
        assert_eq!(visible(text), text);
    }
    let long = format!("words\n--\n{}", "code\n".repeat(16));
    assert_eq!(visible(&long), long.trim_end());
}

#[test]
fn a_session_stays_even_in_a_reply_and_signatures_go() {
    let text = "On Fri, 20 Nov 2026, Story wrote:\n> Show it.\n\n>>> parsley.read(b'x')\n\n-- \nKai\nLabs\n";
    assert_eq!(visible(text), ">>> parsley.read(b'x')");
    assert_eq!(visible("Yes.\n--\nKai\nLabs"), "Yes.");
}

#[test]
fn a_mail_that_is_all_quotation_has_no_visible_words() {
    for text in ["", "\n\n", "On Fri, 20 Nov 2026, Story wrote:\n> You are\n> a contact\n"] {
        assert_eq!(visible(text), "");
    }
}

/// Lines that programs put above a quotation, in the languages of our readers.
const ATTRIBUTIONS: [&str; 46] = [
    "On 20 Nov 2026, at 15:00, Story <committee@story.example> sent:",
    "On Nov 20, 2026, at 3:00 PM, Story <\ncommittee+0123456789abcdef0123456789abcdef@story.example>\nwrote:",
    "On Fri, Nov 20, 2026 at 3:00 PM Story committee\n\n<\nmailto:Story <committee@story.example>\n> wrote:",
    "--- On Fri, 11/20/26, Story <committee@story.example> wrote:",
    "---- Story committee wrote ----",
    "Quoting Story <committee@story.example>:",
    "* Story <committee@story.example> [2026-11-20 15:00]:",
    "2026-11-20 15:00 GMT+01:00 Story <committee@story.example>:",
    "Am 20.11.2026 um 15:00 schrieb Story <committee@story.example>:",
    "Story via Liste <liste@story.example> schrieb am Fr., 20. Nov. 2026, 15:00:",
    "Le 20/11/2026 à 15:00, Story a écrit :",
    "El vie, 20 nov 2026 a las 15:00, Story (<committee@story.example>) escribió:",
    "Il giorno ven 20 nov 2026 alle ore 15:00 Story <committee@story.example> ha scritto:",
    "Em sex., 20 de nov. de 2026 às 15:00, Story <committee@story.example> escreveu:",
    "Op vr 20 nov. 2026 om 15:00 schreef Story <committee@story.example>:",
    "Op 20-nov.-2026, om 15:00 heeft Story <committee@story.example> het volgende geschreven:",
    "W dniu 20.11.2026 o 15:00, Story pisze:",
    "pt., 20 lis 2026 o 15:00 Story <committee@story.example> napisał(a):",
    "pá 20. 11. 2026 v 15:00 odesílatel Story <committee@story.example> napsal:",
    "Den fre 20 nov. 2026 kl 15:00 skrev Story <committee@story.example>:",
    "fre. 20. nov. 2026 kl. 15.00 skrev Story <committee@story.example>:",
    "På 20. november 2026 på 15:00:00, Story (committee@story.example) skrev:",
    "pe 20. marrask. 2026 klo 15.00 Story (committee@story.example) kirjoitti:",
    "пт, 20 нояб. 2026 г. в 15:00, Story <committee@story.example>:",
    "20.11.2026 15:00, Story пишет:",
    "20 ноября 2026 г., 15:00 пользователь Story <committee@story.example> написал:",
    "пт, 20 лист. 2026 р. о 15:00 Story <committee@story.example> пише:",
    "2026/11/20 15:00、Story <committee@story.example>のメール:",
    "在 2026年11月20日，下午3:00，Story <committee@story.example> 写道：",
    "Story <committee@story.example> 於 2026年11月20日 週五 下午3:00寫道：",
    "2026년 11월 20일 (금) 오후 3:00, Story <committee@story.example>님이 작성:",
    "Story <committee@story.example>, 20 Kas 2026 Cum, 15:00 tarihinde şunu yazdı:",
    "Στις Παρ 20 Νοε 2026 στις 3:00 μ.μ., ο χρήστης Story <committee@story.example> έγραψε:",
    "Story <committee@story.example> ezt írta (időpont: 2026. nov. 20., P, 15:00):",
    "În vin., 20 nov. 2026 la 15:00, Story <committee@story.example> a scris:",
    "في الجمعة، 20 نوفمبر 2026 في 3:00 م كتب \u{202a}Story\u{202c}\u{200f} <\u{202a}committee@story.example\u{202c}\u{200f}>:",
    "\u{202b}בתאריך יום ו׳, 20 בנוב׳ 2026 ב-15:00 מאת \u{202a}Story\u{202c}\u{200f} <\u{202a}committee@story.example\u{202c}\u{200f}>:\u{202c}",
    "Vào Th 6, 20 thg 11, 2026 vào lúc 15:00 Story <committee@story.example> đã viết:",
    "20.11.2026, 15:00, \"Story\" <committee@story.example>:",
    "Пятница, 20 ноября 2026, 15:00 +03:00 от Story <committee@story.example>:",
    "    On Friday, November 20, 2026 at 03:00:00 PM GMT+1, Story <committee@story.example> wrote:  ",
    "------- Original Message -------\nOn Friday, November 20th, 2026 at 3:00 PM, Story <committee@story.example> wrote:",
    "\u{2010}\u{2010}\u{2010}\u{2010} Original Message \u{2010}\u{2010}\u{2010}\u{2010}\nOn Friday, November 20, 2026 3:00 PM, Story <committee@story.example> wrote:",
    "Sent from my Galaxy <committee@story.example> wrote:",
    "Story <committee@story.example> writes:",
    "Citando Story <committee@story.example>:",
];

#[test]
fn a_line_that_says_who_wrote_is_known_in_many_languages_above_marks_and_without_them() {
    for line in ATTRIBUTIONS {
        for (mail, words) in [
            (format!("We look.\n\n{line}\n\n> You are\n> a contact\n"), "We look."),
            (format!("We look.\n\n{line}\n> You are\n> a contact\n\nBye, Kai\n"), "We look.\n\nBye, Kai"),
            (format!("We look.\n{line}\n\nYou are\na contact\n"), "We look."),
            (format!("{line}\n> You are\n> a contact\n\nWe look."), "We look."),
        ] {
            assert_eq!(visible(&mail), words, "{mail}");
        }
    }
}

/// Names of the four fields above a mail quoted whole.
const FIELDS: [[&str; 4]; 24] = [
    ["From", "Sent", "To", "Subject"],
    ["Von", "Gesendet", "An", "Betreff"],
    ["De ", "Envoyé ", "À ", "Objet "],
    ["De", "Enviado el", "Para", "Asunto"],
    ["De", "Enviada em", "Para", "Assunto"],
    ["Da", "Inviato", "A", "Oggetto"],
    ["Van", "Verzonden", "Aan", "Onderwerp"],
    ["Od", "Wysłano", "Do", "Temat"],
    ["Od", "Odesláno", "Komu", "Předmět"],
    ["Från", "Skickat", "Till", "Ämne"],
    ["Fra", "Sendt", "Til", "Emne"],
    ["Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"],
    ["От", "Отправлено", "Кому", "Тема"],
    ["Від", "Надіслано", "Кому", "Тема"],
    ["差出人", "送信日時", "宛先", "件名"],
    ["发件人", "发送时间", "收件人", "主题"],
    ["보낸 사람", "보낸 날짜", "받는 사람", "제목"],
    ["Kimden", "Gönderildi", "Kime", "Konu"],
    ["Από", "Στάλθηκε", "Προς", "Θέμα"],
    ["Feladó", "Küldve", "Címzett", "Tárgy"],
    ["De la", "Trimis", "Către", "Subiect"],
    ["من", "التاريخ", "إلى", "الموضوع"],
    ["מאת", "נשלח", "אל", "נושא"],
    ["Từ", "Đã gửi", "Đến", "Chủ đề"],
];

#[test]
fn a_mail_quoted_whole_is_known_by_the_fields_above_it() {
    for [from, date, to, subject] in FIELDS {
        let fields = format!("{from}: Story\n{date}: 20. 11. 2026 15:00\n{to}: Kai\n{subject}: x\n");
        let bold = format!("*{from}:* Story\n*{date}:* 20. 11. 2026 15:00\n*{to}:* Kai;\n  Li\n*{subject}:* x\n");
        for block in [&fields, &bold, &fields.replace('\n', "\n\n"), &format!("----- xyz -----\n{fields}")] {
            assert_eq!(visible(&format!("We look.\n\n{block}\nYou are\n")), "We look.", "{block}");
        }
    }
    for mail in [
        "We look.\n\n________________________________\nAbc: Story <committee@story.example>\nKlm: 20 11 2026 15:00\nXyz: Kai\n\nYou are",
        "We look.\n\n-----Original Message-----\n\nYou are",
        "We look.\n\nFrom: committee@story.example\nDate: Fri, 20 Nov 2026 15:00:00 +0000\n\nYou are",
        "We look.\n\nDate: Fri, 20 Nov 2026 15:00:00 +0000\nTo: kai@lab.example\n\nYou are",
        "We look.\n\n\"Story\" <committee@story.example>\n11/20/2026 03:00 PM\n\nTo\n<kai@lab.example>\ncc\n\nSubject\nx\n\nYou are",
        "We look.\n\n##- Please type your reply above this line -##\n\nStory\nYou are",
        "We look.\n\n------------------ 原始邮件 ------------------\n发件人: \"Story\";\n发送时间: 2026年11月20日(星期五) 下午3:00\n\nYou are",
    ] {
        assert_eq!(visible(mail), "We look.", "{mail}");
    }
}

#[test]
fn what_a_phone_a_list_or_a_key_adds_is_signature() {
    for added in [
        "Sent from my phone.",
        "Get Outlook for iOS<https://phones.example/x>",
        "Sent with [Some Mail](https://some.example/) secure email.",
        "Envoyé de mon mobile",
        "Von meinem Telefon gesendet",
        "Skickat från min telefon",
        "Отправлено с телефона",
        "发自我的手机",
        "スマホから送信",
        "telefonumdan gönderildi",
        "-- \nKai\n\nSent from my phone",
        "-Kai Larch",
        "-- \nYou get this because you are on the list of groups.example.\nTo leave it, write to leave@groups.example.",
        "_______________________________________________\nparsley-dev mailing list\nparsley-dev@lists.example\nhttps://lists.example/parsley-dev",
        "-----BEGIN PGP SIGNATURE-----\n\niHUEARYK\n=abcd\n-----END PGP SIGNATURE-----",
    ] {
        let reply = format!("We look.\n\n{added}\n");
        assert_eq!(visible(&reply), "We look.", "{added}");
        let quoting = format!("{reply}\nOn Fri, 20 Nov 2026 15:00, Story wrote:\n\nYou are\n");
        assert_eq!(visible(&quoting), "We look.", "{added}");
    }
}

#[test]
fn words_on_the_line_of_an_attribution_stay() {
    for mail in [
        "We look. On Fri, Nov 20, 2026 at 3:00 PM, Story <a@story.example> wrote:\n> You are",
        "We look.--- On Fri, Nov 20, 2026 at 3:00 PM, a@story.example wrote:\n> You are",
    ] {
        assert_eq!(visible(mail), "We look.");
    }
}

#[test]
fn what_only_looks_like_a_quotation_stays() {
    for text in [
        "On the day it was found\nnobody wrote:",
        "I mailed Bob <bob@lab.example> on 2026-05-03 at 12:00 and he answered:\nno.",
        "In her mail of 2026-03-01 she wrote:\nnever mind",
        "Timeline:\n2026-11-20 15:00 mail to <a@story.example>\n2026-11-21 no answer",
        "It takes this mail:\n\nReceived: from x\nFrom: a@b.example\nDate: Fri, 20 Nov 2026 15:00:00 +0000\nSubject: x\n\nbody",
        "Send this:\n\n    From: a@b.example\n    Date: 20 Nov 2026\n    Subject: x\n\nand see",
        "```\nFrom: a@b.example\nDate: 20 Nov 2026\nSubject: x\n```\nand see",
        "The form has fields:\nName: x\nTo: y\nSubject: z\nSend it.",
        "Sent from my desk, it would be much easier than from my phone.",
        "Hello.\n\n---------- Put your notes below ----------\n\nIt works.",
        "select 1\n\n-- drop it",
        "One:\n\n- a\n- B",
        "See [the proof][1].\n\n[1]: https://lab.example/poc",
    ] {
        assert_eq!(visible(text), text);
        let shows_a_header = text.contains("From: a@b.example");
        assert_eq!(read(text).doubt, shows_a_header.then_some(Doubt::Lookalike), "{text}");
    }
}

#[test]
fn what_is_sent_on_stays_and_is_named_a_doubt() {
    let text = "FYI\n\n---------- Forwarded message ----------\nFrom: Li <li@lab.example>\nDate: Fri, 20 Nov 2026\nSubject: x\n\nI found it.";
    assert_eq!(visible(text), text);
    assert_eq!(read(text).doubt, Some(Doubt::Forwarded));
}

#[test]
fn nothing_is_cut_where_the_words_may_be_anywhere() {
    let text = "On Fri, 20 Nov 2026 15:00, Story <a@story.example> wrote:\nYou are a contact.\n\nYes, we look.";
    assert_eq!(visible(text), text);
    assert_eq!(read(text).doubt, Some(Doubt::Endless));
    assert_eq!(read("> a single line\nand more").doubt, Some(Doubt::Lookalike));
}

#[test]
fn links_stay_with_the_words_that_have_them() {
    let text = "See [this][1].\n\nOn Fri, 20 Nov 2026, Story wrote:\n\n> [that][2]\n\n[1]: https://lab.example/a\n[2]: https://lab.example/b";
    assert_eq!(visible(text), "See [this][1].\n\n[1]: https://lab.example/a");
}

#[test]
fn the_pieces_are_the_whole_mail_in_its_order() {
    let text = "On Fri, 20 Nov 2026, Story wrote:\n> Which\n> version?\n\n2.1\n\n> And before?\n\nAll.\n\n-- \nKai";
    let pieces: Vec<(Kind, usize, String)> =
        read(text).pieces.iter().map(|piece| (piece.kind, piece.filled_lines(), piece.text.clone())).collect();
    assert_eq!(
        pieces,
        [
            (Kind::Quoted, 3, "On Fri, 20 Nov 2026, Story wrote:\n> Which\n> version?".to_owned()),
            (Kind::Words, 1, "2.1".to_owned()),
            (Kind::Quoted, 1, "> And before?".to_owned()),
            (Kind::Words, 1, "All.".to_owned()),
            (Kind::Signature, 2, "-- \nKai".to_owned()),
        ]
    );
}

#[test]
fn a_hundred_kilobytes_of_one_mark_are_read_like_any_text() {
    for part in [
        "\n",
        "> a\n\nx\n\n",
        "From: x\ny\n",
        "x\nx\nwrote:\n",
        "__________\n",
        "-- \nx\n",
        "--- x ---\n",
        "@",
        "[x][1]\n[1]: x\n",
    ] {
        let text = part.repeat(100_000 / part.len());
        assert!(read(&text).words().len() <= text.len() + 2);
    }
}
