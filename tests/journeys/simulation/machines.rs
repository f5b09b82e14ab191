//! What machines send: absences, delivery reports of every kind, read receipts, complaints, and lists that echo.

use fingerpost::mail::write::transport::SentLetter;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::simulation::acts::Pick;
use crate::simulation::contacts::THE_LIST;
use crate::simulation::reporters::fresh;
use crate::simulation::world::{Broken, World};
use crate::stage::{Mail, reply_address};

#[derive(Debug, Clone)]
pub struct MachineAct {
    /// The letter that it is about.
    pick: Pick,
    pub sends: Sends,
    /// To the address for replies; else to the return path, as machines should.
    is_a_reply: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    Absence,
    /// With no mark but the null return path.
    Unmarked,
    /// A ticket robot without any mark, which writes from another address of that domain each time, and more than once.
    Tickets,
    ReadReceipt,
    Complaint,
    /// A list sends it to all, us among them.
    ListEcho,
    Delivered,
    Delayed,
    Soft,
    Hard,
    /// A report that names somebody else.
    OfOthers,
}

impl Sends {
    /// Whether it says, in a machine's form, that a letter did not arrive or is late.
    pub fn is_about_delivery(self) -> bool {
        matches!(self, Self::Delayed | Self::Soft | Self::Hard)
    }

    fn times(self) -> usize {
        if self == Self::Tickets { 5 } else { 1 }
    }
}

impl MachineAct {
    pub fn roll(rng: &mut StdRng) -> Self {
        Self {
            pick: Pick::roll(rng),
            sends: [
                Sends::Absence,
                Sends::Absence,
                Sends::Unmarked,
                Sends::Tickets,
                Sends::ReadReceipt,
                Sends::Complaint,
                Sends::ListEcho,
                Sends::Delivered,
                Sends::Delayed,
                Sends::Soft,
                Sends::Hard,
                Sends::Hard,
                Sends::Hard,
                Sends::OfOthers,
            ][rng.random_range(0..14)],
            is_a_reply: rng.random_range(0..3) == 0,
        }
    }

    pub async fn happen(&self, world: &mut World) -> Result<(), Broken> {
        let letters = world.sent();
        let Some(letter) = self.pick.among(&letters) else { return Ok(()) };
        let reply = reply_address(letter);
        let is_reply = !reply.is_empty() && (self.is_a_reply || matches!(self.sends, Sends::ListEcho | Sends::Tickets));
        let to = if is_reply { reply } else { letter.return_path.to_string() };
        let mails: Vec<Mail> = (0..self.sends.times()).map(|_| self.mail(world, letter).to(&to)).collect();
        let (what, of, about) = (self.sends, &letter.recipient, letter.subject());
        let way = if is_reply { "the address for replies" } else { "the return path" };
        world.note(format_args!("{what:?} about \"{about}\" to {of} comes to {way}"));
        for mail in &mails {
            world.mail_comes(mail).await?;
        }
        Ok(())
    }

    fn mail(&self, world: &mut World, letter: &SentLetter) -> Mail {
        let robot = format!("mailer-daemon@{}", letter.recipient.domain());
        let own = letter.recipient.to_string();
        let mut mail = match self.sends {
            Sends::Absence => fresh(world, &own, "Out of office", "I am away until Monday.\r\n")
                .header("Auto-Submitted: auto-replied"),
            Sends::Unmarked => fresh(world, &own, "Re: your mail", "Your ticket is 4711.\r\n"),
            Sends::Tickets => {
                let from = format!("ticket-{}@{}", world.ledger.written, letter.recipient.domain());
                let mut mail = fresh(world, &from, "[TKT-4711] Re: your mail", "We will look at your ticket.\r\n");
                // Whatever a list's own server vouches for counts as its people's word.
                mail.is_proven = letter.recipient.as_str() != THE_LIST;
                mail
            }
            Sends::ListEcho => fresh(world, &own, &letter.subject(), "You are a security contact.\r\n")
                .header("List-Id: <security.parsley.example>")
                .header("Precedence: list"),
            Sends::ReadReceipt => report(
                world,
                &own,
                "Read: your mail",
                "disposition-notification",
                &format!(
                    "Final-Recipient: rfc822; {own}\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"
                ),
            ),
            Sends::Complaint => report(
                world,
                &robot,
                "Abuse report",
                "feedback-report",
                &format!("Feedback-Type: abuse\r\nUser-Agent: desk/1\r\nVersion: 1\r\nOriginal-Rcpt-To: {own}\r\n"),
            ),
            Sends::Delivered => delivery(world, &robot, &own, "delivered", "2.0.0", "250 ok"),
            Sends::Delayed => delivery(world, &robot, &own, "delayed", "4.4.1", "timed out"),
            Sends::Soft => delivery(world, &robot, &own, "failed", "5.2.2", "552 mailbox full"),
            Sends::Hard => delivery(world, &robot, &own, "failed", "5.1.1", "550 5.1.1 no such user"),
            Sends::OfOthers => {
                delivery(world, &robot, "old@elsewhere.example", "failed", "5.1.1", "550 5.1.1 no such user")
            }
        };
        if !matches!(self.sends, Sends::Absence | Sends::ListEcho | Sends::Tickets) {
            mail.sender = None;
        }
        mail
    }
}

/// A delivery report in the form of RFC 3464.
fn delivery(world: &mut World, robot: &str, of: &str, action: &str, status: &str, said: &str) -> Mail {
    let fields = format!(
        "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {of}\r\nAction: {action}\r\n\
         Status: {status}\r\nDiagnostic-Code: smtp; {said}\r\n"
    );
    report(world, robot, "Delivery Status Notification", "delivery-status", &fields)
}

/// A report in the form of RFC 6522, with `fields` in its machine part.
fn report(world: &mut World, from: &str, subject: &str, kind: &str, fields: &str) -> Mail {
    let text = format!(
        "--part\r\n\r\nThis is a notice of a machine.\r\n--part\r\nContent-Type: message/{kind}\r\n\r\n{fields}\r\n\
         --part--\r\n"
    );
    let header = format!("Content-Type: multipart/report; report-type={kind}; boundary=part");
    fresh(world, from, subject, &text).header(&header)
}
