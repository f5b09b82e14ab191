//! Reports in the forms of many servers, of our own writing: each is recognized by its shape, and its recipients and fate are read.

/// What a report must come to.
pub struct Dialect {
    pub name: &'static str,
    /// The header lines that such a server writes, and the body below an empty line.
    pub raw: &'static str,
    /// Each notice as `fate status recipient`.
    pub notices: &'static [&'static str],
}

/// The returned message below or beside the words.
pub const DIALECTS: [Dialect; 36] = [
    Dialect {
        name: "sendmail before RFC 1894",
        raw: "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.larkspur.example>\nSubject: Returned mail: User unknown\n\n\
              The original message was received at Thu, 5 Mar 2026 10:00:00 +0100\nfrom relay.northlight.example [192.0.2.1]\n\n   \
              ----- The following addresses had delivery problems -----\n<old@larkspur.example>  (unrecoverable error)\n\n   \
              ----- Transcript of session follows -----\n... while talking to inner.larkspur.example.:\n\
              >>> RCPT To:<old@larkspur.example>\n<<< 550 <old@larkspur.example>... User unknown\n\
              550 <old@larkspur.example>... User unknown\n\n   ----- Original message follows -----\n\
              Message-Id: <0193-letter@northlight.example>\nTo: <old@larkspur.example>\n",
        notices: &["hard - old@larkspur.example"],
    },
    Dialect {
        name: "sendmail 5, a transcript alone",
        raw: "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.larkspur.example>\nSubject: Returned mail: Host unknown\n\n   \
              ----- Transcript of session follows -----\n\
              550 <old@gone.larkspur.example>... Host unknown (Name server: gone.larkspur.example: host not found)\n\n   \
              ----- Unsent message follows -----\nReceived: by mx.larkspur.example\nFrom: security@northlight.example\n",
        notices: &["hard - old@gone.larkspur.example"],
    },
    Dialect {
        name: "sendmail with the fields of RFC 3464 and the reason in the words",
        raw: "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.larkspur.example>\nSubject: Returned mail: see transcript for details\n\
              Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n   \
              ----- The following addresses had permanent fatal errors -----\n<old@larkspur.example>\n    \
              (reason: 550 5.2.1 <old@larkspur.example>... User Unknown)\n\n   ----- Transcript of session follows -----\n\
              ... while talking to inner.larkspur.example.:\n>>> DATA\n<<< 550 5.2.1 <old@larkspur.example>... User Unknown\n\
              --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.larkspur.example\n\n\
              Final-Recipient: RFC822; old@larkspur.example\nAction: failed\nStatus: 5.2.0\nRemote-MTA: DNS; inner.larkspur.example\n\
              Diagnostic-Code: SMTP; 550 5.2.1 <old@larkspur.example>... User Unknown\n\n--b\nContent-Type: message/rfc822\n\n\
              Message-Id: <0193-letter@northlight.example>\n\n--b--\n",
        notices: &["soft 5.2.1 old@larkspur.example"],
    },
    Dialect {
        name: "Domino, in words",
        raw: "From: Postmaster@larkspur.example\nSubject: DELIVERY FAILURE: User kim (kim@larkspur.example) not listed in Domino Directory\n\n\
              Your message\n\n  Subject: a report\n\nwas not delivered to:\n\n  kim@larkspur.example\n\nbecause:\n\n  \
              User kim (kim@larkspur.example) not listed in Domino Directory\n",
        notices: &["hard - kim@larkspur.example"],
    },
    Dialect {
        name: "Notes",
        raw: "From: MAILER-DAEMON@larkspur.example\nSubject: \n\n------- Failure Reasons  --------\n\n\
              User not listed in public Name & Address Book\nkim@larkspur.example\n\n------- Returned Message --------\n\
              Received: from northlight.example\nTo: kim@larkspur.example\n",
        notices: &["hard - kim@larkspur.example"],
    },
    Dialect {
        name: "Exchange 5.5",
        raw: "From: System Administrator <postmaster@larkspur.example>\nSubject: Undeliverable: a report\n\n\
              Your message\n\n  To:      kim@larkspur.example\n  Subject: a report\n  Sent:    Thu, 5 Mar 2026 10:00:00 +0100\n\n\
              did not reach the following recipient(s):\n\nkim@larkspur.example on Thu, 5 Mar 2026 10:00:05 +0100\n    \
              The recipient name is not recognized\n\tThe MTS-ID of the original message is: c=us;a= ;p=larkspur;l=MX-260305\n    \
              MSEXCH:IMS:Larkspur:HQ:MX 0 (000C05A6) Unknown Recipient\n",
        notices: &["hard - kim@larkspur.example"],
    },
    Dialect {
        name: "Exchange 2003",
        raw: "From: postmaster@larkspur.example\nSubject: Delivery Status Notification (Failure)\n\n\
              Your message did not reach some or all of the intended recipients.\n\n      Subject:\ta report\n      Sent:\t3/5/2026 10:00 AM\n\n\
              The following recipient(s) could not be reached:\n\n      kim@larkspur.example on 3/5/2026 10:00 AM\n            \
              The e-mail account does not exist at the organization this message was sent to.  Check the e-mail\n            \
              address, or contact the recipient directly to find out the correct address.\n            \
              <mx.larkspur.example #5.1.1>\n",
        notices: &["hard 5.1.1 kim@larkspur.example"],
    },
    Dialect {
        name: "Courier",
        raw: "From: \"Courier mail server at larkspur.example\" <postmaster@larkspur.example>\n\
              Subject: NOTICE: mail delivery status.\n\nThis is a delivery status notification from larkspur.example,\n\
              running the Courier mail server.\n\nThe original message was received on Thu, 5 Mar 2026 10:00:00 +0100\n\
              ---------------------------------------------------------------------------\n\n                           \
              UNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n\
              <old@larkspur.example>:\n   inner.larkspur.example [192.0.2.5]:\n>>> RCPT TO:<old@larkspur.example>\n\
              <<< 550 No such user here\n\n\
              ---------------------------------------------------------------------------\n",
        notices: &["hard - old@larkspur.example"],
    },
    Dialect {
        name: "Apache James",
        raw: "From: postmaster@larkspur.example\nSubject: [BOUNCE]\n\nThis message has been returned to you.\n\nMessage details:\n  \
              Subject: a report\n  Sent date: Thu Mar 05 10:00:00 CET 2026\n  MAIL FROM: security@elsewhere.example\n  \
              RCPT TO: old@larkspur.example\n  From: Security <security@elsewhere.example>\n  To: old@larkspur.example\n  \
              Size (in bytes): 1024\n\nError message below:\n550 - Requested action not taken: no such user here\n",
        notices: &["hard - old@larkspur.example"],
    },
    Dialect {
        name: "DragonFly's mail agent",
        raw: "From: MAILER-DAEMON <>\nSubject: Mail delivery failed\n\nThis is the DragonFly Mail Agent at mx.larkspur.example.\n\n\
              There was an error delivering your mail to <full@larkspur.example>.\n\ninner.larkspur.example [192.0.2.5] did not like our \
              RCPT TO:\n552 5.2.2 <full@larkspur.example>: Recipient address rejected: Mailbox full\n\nMessage headers follow.\n\n\
              Received: from northlight.example\nMessage-Id: <0193-letter@northlight.example>\n",
        notices: &["soft 5.2.2 full@larkspur.example"],
    },
    Dialect {
        name: "a mailbox provider's quoted address",
        raw: "From: Mailer Daemon <mailer-daemon@larkspur.example>\nSubject: Mail delivery failed: returning message to sender\n\n\
              This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to\n\
              one or more of its recipients. This is a permanent error. The following address\nfailed:\n\n\"old@larkspur.example\":\n\
              SMTP error from remote server after RCPT command:\nhost: inner.larkspur.example\n5.1.1 <old@larkspur.example>... User Unknown\n\n\
              --- The header of the original message is following. ---\n\nReceived: from northlight.example\n\
              Message-ID: <0193-letter@northlight.example>\n",
        notices: &["hard 5.1.1 old@larkspur.example"],
    },
    Dialect {
        name: "IMail: an unknown user",
        raw: "From: Postmaster <postmaster@larkspur.example>\nSubject: Undeliverable Mail\n\n\
              Unknown user: old@larkspur.example\n\nOriginal message follows.\n\nReceived: from northlight.example\n",
        notices: &["hard - old@larkspur.example"],
    },
    Dialect {
        name: "IMail: a full mailbox",
        raw: "From: Postmaster <postmaster@larkspur.example>\nSubject: Undeliverable Mail\n\n\
              User mailbox exceeds allowed size: full@larkspur.example\n\nOriginal message follows.\n\nReceived: from northlight.example\n",
        notices: &["soft - full@larkspur.example"],
    },
    Dialect {
        name: "IMail: after many attempts",
        raw: "From: Postmaster <postmaster@larkspur.example>\nSubject: Undeliverable Mail\n\n\
              Delivery failed 20 attempts: slow@larkspur.example\n\nOriginal message follows.\n\nReceived: from northlight.example\n",
        notices: &["soft - slow@larkspur.example"],
    },
    Dialect {
        name: "InterScan",
        raw: "From: \"InterScan MSS\" <root@scan.larkspur.example>\nSubject: Mail could not be delivered\n\n\
              Sent >>> RCPT TO:<old@larkspur.example>\nReceived <<< 550 5.1.1 <old@larkspur.example>... user unknown\n\n\
              Unable to deliver message to <old@larkspur.example>\n",
        notices: &["hard 5.1.1 old@larkspur.example"],
    },
    Dialect {
        name: "MailFoundry",
        raw: "From: \"Mail Delivery\" <postmaster@larkspur.example>\nSubject: Message delivery has failed\n\n\
              Unable to deliver message to: <old@larkspur.example>\nDelivery failed for the following reason:\n\
              Server mx22.larkspur.example[192.0.2.22] failed with: 550 <old@larkspur.example> No such user here\n\n\
              This has been a permanent failure.  No further delivery attempts will be made.\n",
        notices: &["soft - old@larkspur.example"],
    },
    Dialect {
        name: "Exim as others have changed it",
        raw: "From: Mail Delivery System <robot@mailhost.larkspur.example>\nSubject: Mail failure.\n\
              Auto-Submitted: auto-replied\n\nThis message was created automatically by mail delivery software.\n\n\
              A message that you sent could not be delivered to one or more of its recipients.\nThe following address(es) failed:\n\n  \
              old@larkspur.example\n    SMTP error from remote mail server after RCPT TO:<old@larkspur.example>:\n    \
              host inner.larkspur.example [192.0.2.5]: 550 User not found in system\n",
        notices: &["hard - old@larkspur.example"],
    },
    Dialect {
        name: "SendGrid",
        raw: "From: MAILER-DAEMON\nSubject: Undelivered Mail Returned to Sender\n\
              Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n\
              I'm sorry to have to tell you that your message was not able to be delivered to one of its intended recipients.\n\n\
              letter:0001:<old@larkspur.example> : 192.0.2.9 : inner.larkspur.example:[192.0.2.5] :\n 550 5.1.1 \
              <old@larkspur.example>... User Unknown  in RCPT TO\n--b\nContent-Type: message/delivery-status\n\n\
              Reporting-MTA: dns; mx.larkspur.example\n\nFinal-Recipient: rfc822; old@larkspur.example\n\
              Original-Recipient: rfc822; old@larkspur.example\nAction: failed\nStatus: \n\
              Diagnostic-Code: 550 5.1.1 <old@larkspur.example>... User Unknown  in RCPT TO\n\n--b--\n",
        notices: &["hard 5.1.1 old@larkspur.example"],
    },
    Dialect {
        name: "a gateway to telephones",
        raw: "From: post_master@phones.example\nSubject: Undeliverable Message\n\n\
              Message could not be delivered to mobile.\n\n  Error: No valid recipients for this MM\n\n\
              Original Message:\n  From: security@elsewhere.example\n  To: 5550100@phones.example\n  Subject: a report\n",
        notices: &["hard - 5550100@phones.example"],
    },
    Dialect {
        name: "a provider whose user has no account",
        raw: "From: MAILER-DAEMON@mx.larkspur.example\nSubject: Delivery failure\n\n\
              Unable to deliver message to the following address(es).\n\n<old@larkspur.example>:\n\
              This user doesn't have a larkspur.example account (old@larkspur.example) [0]\n\n--- Original message follows.\n\n\
              Received: from northlight.example\n",
        notices: &["hard - old@larkspur.example"],
    },
    Dialect {
        name: "a server that counts its errors",
        raw: "From: MAILER-DAEMON <mailer-daemon@mx.larkspur.example>\nSubject: There was an error sending your mail\n\n\
              We had trouble delivering your message. Full details follow:\n\nSubject: 'a report'\nDate: 'Thu, 5 Mar 2026'\n\n\
              1 error(s):\n\nSMTP Server <inner.larkspur.example> rejected recipient <old@larkspur.example> (Error following RCPT \
              command). It responded as follows: [550 5.1.1 <old@larkspur.example>... User unknown]\n\n",
        notices: &["hard 5.1.1 old@larkspur.example"],
    },
    Dialect {
        name: "qmail: no such host",
        raw: "From: MAILER-DAEMON@mx.larkspur.example\nSubject: failure notice\n\nHi. This is the qmail-send program at \
              mx.larkspur.example.\n\n<old@gone.larkspur.example>:\nSorry, I couldn't find any host named gone.larkspur.example. (#5.1.2)\n\n\
              --- Below this line is a copy of the message.\n\nReturn-Path: <x@northlight.example>\n",
        notices: &["hard 5.1.2 old@gone.larkspur.example"],
    },
    Dialect {
        name: "qmail: after the message was sent",
        raw: "From: MAILER-DAEMON@mx.larkspur.example\nSubject: failure notice\n\nHi. This is the qmail-send program at \
              mx.larkspur.example.\n\n<old@larkspur.example>:\n192.0.2.5 failed after I sent the message.\nRemote host said: 550 no such \
              user here\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <x@northlight.example>\n",
        notices: &["soft - old@larkspur.example"],
    },
    Dialect {
        name: "an old gateway with its address twice",
        raw: "From: MAILER-DAEMON@mx.larkspur.example\nSubject: FAILURE NOTICE :\n\n  ----- The following addresses had permanent fatal errors -----\n\n\
              >>> old@larkspur.example <old@larkspur.example>\n\n  ----- Transcript of session follows -----\n\
              550 sorry, no mailbox here by that name (#5.1.1 - chkusr)\n",
        notices: &["hard 5.1.1 old@larkspur.example"],
    },
    Dialect {
        name: "a spam firewall with the fields of RFC 3464",
        raw: "From: postmaster@wall.larkspur.example\nSubject: **Message you sent blocked by our bulk email filter**\n\
              Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nYour message to:\nold@larkspur.example\n\
              was blocked by our Spam Firewall. It has NOT BEEN DELIVERED.\n--b\nContent-Type: message/delivery-status\n\n\
              Reporting-MTA: dns; wall.larkspur.example\n\nFinal-Recipient: rfc822; old@larkspur.example\nAction: failed\nStatus: 5.7.1\n\
              Diagnostic-Code: smtp; 550 5.7.1 Message content rejected\n\n--b--\n",
        notices: &["soft 5.7.1 old@larkspur.example"],
    },
    Dialect {
        name: "MessageLabs",
        raw: "From: Mail Delivery System <MAILER-DAEMON@labs.example>\nSubject: Mail Delivery Failure\n\n\
              This is the mail delivery agent at labs.example.\n\nI was unable to deliver your message to the following addresses:\n\n\
              old@larkspur.example\n\nReason: 550 5.1.1 no such recipient\n\nThe message subject was: a report\n",
        notices: &["hard 5.1.1 old@larkspur.example"],
    },
    Dialect {
        name: "MailMarshal: the reason before the recipients",
        raw: "From: postmaster@gate.larkspur.example\nSubject: Undeliverable Mail: \"a report\"\n\nYour message:\n   \
              From:    security@elsewhere.example\n   Subject: a report\n\nCould not be delivered because of\n\n\
              550 5.1.1 User unknown\n\nThe following recipients were affected:\n    old@larkspur.example\n\nAdditional Information\n\
              ======================\nOriginal Sender:    <security@elsewhere.example>\nReporting-MTA:      <gate.larkspur.example>\n",
        notices: &["hard 5.1.1 old@larkspur.example"],
    },
    Dialect {
        name: "a telephone company's server",
        raw: "From: Postmaster@phones.example\nSubject: Mail System Error - Returned Mail\n\n\
              Each of the following recipients was rejected by a remote\nmail server.\n\n    Recipient: <old@phones.example>\n    \
              >>> RCPT TO:<old@phones.example>\n    <<< 550 <old@phones.example>: User unknown\n",
        notices: &["hard - old@phones.example"],
    },
    Dialect {
        name: "X.400",
        raw: "From: postmaster@gate.larkspur.example\nSubject: Delivery Report (failure) for kim@larkspur.example\n\n\
              This report relates to your message:  Subject: a report,\n        Message-ID: <0193-letter@northlight.example>\n\n\
              Your message was not delivered to    kim@larkspur.example\n        for the following reason:\n        \
              Recipient's mailbox is full, message not delivered.\n",
        notices: &["soft - kim@larkspur.example"],
    },
    Dialect {
        name: "a list that takes mail of its members alone",
        raw: "From: ml-admin@lists.larkspur.example\nSubject: NOT MEMBER article from security@elsewhere.example (team ML)\nX-MLServer: fml 4\n\n\
              You are not a member of this mailing list <team@lists.larkspur.example>.\n\nYour mail was not delivered to the members.\n\n\
              Original mail as follows:\n\nReceived: from northlight.example\nTo: team@lists.larkspur.example\n",
        notices: &["soft - team@lists.larkspur.example"],
    },
    Dialect {
        name: "Exchange in French",
        raw: "From: postmaster@larkspur.example\nSubject: =?utf-8?q?Non_remis_=3A_a_report?=\nContent-Type: text/plain; charset=utf-8\n\n\
              Échec de la remise pour ces destinataires ou groupes :\n\nkim@larkspur.example\n\
              L'adresse de messagerie entrée est introuvable.\n\nInformations de diagnostic pour les administrateurs :\n\n\
              Remote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'\n",
        notices: &["hard 5.1.1 kim@larkspur.example"],
    },
    Dialect {
        name: "Amazon SES in JSON",
        raw: "From: no-reply@sns.example\nSubject: AWS Notification Message\n\n\
              {\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\",\"bounceSubType\":\"General\",\"bouncedRecipients\":\
              [{\"emailAddress\":\"old@larkspur.example\",\n \"status\":\"5.1.1\",\"diagnosticCode\":\"smtp; 550 5.1.1 user unknown\"}]},\
              \"mail\":{\"source\":\"security@elsewhere.example\",\"commonHeaders\":{\"messageId\":\"<0193-letter@northlight.example>\"}}}\n\n--\nTo stop, click.\n",
        notices: &["hard 5.1.1 old@larkspur.example"],
    },
    Dialect {
        name: "Amazon SNS: JSON in JSON",
        raw: "From: no-reply@sns.example\nSubject: AWS Notification Message\n\n{\n  \"Type\" : \"Notification\",\n  \"Message\" : \
              \"{\\\"notificationType\\\":\\\"Bounce\\\",\\\"bounce\\\":{\\\"bounceType\\\":\\\"Transient\\\",\\\"bounceSubType\\\":\\\"MailboxFull\\\",\
              \\\"bouncedRecipients\\\":[{\\\"emailAddress\\\":\\\"full@larkspur.example\\\"}]}}\"\n}\n",
        notices: &["soft - full@larkspur.example"],
    },
    Dialect {
        name: "Amazon SES: delivered",
        raw: "From: no-reply@sns.example\nSubject: AWS Notification Message\n\n\
              {\"notificationType\":\"Delivery\",\"delivery\":{\"recipients\":[\"kim@larkspur.example\"],\"smtpResponse\":\"250 2.0.0 Ok\"}}\n",
        notices: &["delivered 2.0.0 kim@larkspur.example"],
    },
    Dialect {
        name: "Postfix: a dialogue that went wrong",
        raw: "From: MAILER-DAEMON@mx.larkspur.example (Mail Delivery System)\nSubject: Postfix SMTP server: errors from mx\n\n\
              Transcript of session follows.\n\n Out: 220 mx ESMTP\n In:  MAIL FROM:<security@elsewhere.example>\n Out: 250 2.1.0 Ok\n \
              In:  RCPT TO:<kim@larkspur.example>\n Out: 250 2.1.5 Ok\n In:  DATA\n Out: 451 4.3.0 Error: queue file write error\n",
        notices: &["soft 4.3.0 kim@larkspur.example"],
    },
    Dialect {
        name: "a warning of a server that goes on trying",
        raw: "From: Postmaster <postmaster@larkspur.example>\nSubject: Delivery delayed\n\n\
              Your message has not yet been delivered to the following recipient:\n\n  slow@larkspur.example\n\n\
              We will keep trying for another two days.\n",
        notices: &["delayed - slow@larkspur.example"],
    },
];

#[test]
fn reports_in_many_servers_own_forms_are_recognized_and_read() {
    use crate::domain::address::{Mailbox, OwnAddresses};
    use crate::domain::report::{AutomaticSign, Reading};

    let own = OwnAddresses::of(Mailbox::parse("security@northlight.example").unwrap());
    let anybody = Mailbox::parse("anybody@relay.example").unwrap();
    for Dialect { name, raw, notices } in &DIALECTS {
        for line_end in ["\n", "\r\n", "\r"] {
            let raw = raw.replace('\n', line_end);
            let Reading::Mail(mail) = crate::mail::read::read(raw.as_bytes(), &own, Some(&anybody)) else {
                panic!("{name}")
            };
            assert_eq!(mail.automatic, Some(AutomaticSign::DeliveryReport), "{name}");
            let report = super::delivery_report(raw.as_bytes(), &own).unwrap();
            let read: Vec<String> = report
                .notices
                .iter()
                .map(|notice| {
                    let recipients: Vec<_> = notice.recipients.iter().map(Mailbox::as_str).collect();
                    format!(
                        "{} {} {}",
                        notice.fate.word(),
                        notice.status.as_deref().unwrap_or("-"),
                        recipients.join(" ")
                    )
                })
                .collect();
            assert_eq!(read, *notices, "{name}");
            if raw.contains("0193-letter@") {
                assert_eq!(report.message_id.as_deref(), Some("0193-letter@northlight.example"), "{name}");
            }
        }
    }
}
