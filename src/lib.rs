//! Fingerpost: a security contact router for foundations that are home to many open-source projects.
//!
//! The map of the house; `docs/ARCHITECTURE.md` walks through it. A floor may use those below it, never one above.
//!
//! ```text
//! app, cli, config   wires, starts and stops
//! web                pages and forms
//! sweeps             what falls due by itself
//! flows              what is done when something arrives, is asked for or must go out
//! store | mail       rows <-> domain | bytes <-> domain
//! world              clock, dice, DNS
//! judge              which project, and why (pure)
//! domain             what things are and what is decided (pure)
//! ```
//!
//! # A mail report
//! 1. [`mail::doors::smtp`] or [`mail::doors::file`] takes the bytes of one message for an address of ours.
//! 2. [`flows::intake::FrontDoor`] hands them to [`store::Store::keep`], which commits many arrivals at once.
//! 3. Now they are on disk, and the sender gets its `250`, or the pipe its exit code 0.
//! 4. [`flows::intake::work_off`] claims kept messages, oldest first.
//! 5. [`flows::reading::read`] maps, parses, judges and proves one, within a budget of bytes in memory.
//! 6. The envelope alone decides where it belongs: a twin, a delivery report, a reply, held, automatic, or a report.
//! 7. [`flows::opening::open_case`] writes case, report, party, clocks and events.
//! 8. [`flows::forward::decide`] lets it go out by itself, or leaves it to triage with a reason in words.
//! 9. [`flows::forward::hand_over`] makes the project's part, its clock and its letters; a receipt may follow.
//! 10. All that is one transaction, in which the journal's row is filed as well.
//!
//! # Out again
//! 1. [`flows::writing::put`] has frozen the letter: bytes, one recipient, Message-ID, a return path of its own.
//! 2. Forwards are due after `routing.hold`, in which a member can stop them; all else is due at once.
//! 3. [`flows::post::PostOffice::send_due`] claims what is due and commits.
//! 4. [`mail::write::transport`] sends, and makes of the relay's answer a [`domain::delivery::Delivery`].
//! 5. Sent: settled, with an event in the record.
//! 6. Deferred: tried again, for five days in all.
//! 7. Unreachable: nothing ages; one letter a minute is tried.
//! 8. Refused: [`flows::bounces::refused`] brings in the deputies and tells the committee.
//! 9. What the store cannot be told is told before the next letter.
//! 10. A crash in between sends a copy with the same Message-ID.
//!
//! # A contact answers
//! 1. The mail comes to the party's own address, which is made from a key and in no row.
//! 2. [`flows::replies::take`] finds the party; headers and subject count for nothing.
//! 3. A machine's mail is filed and stops no clock.
//! 4. [`domain::handling::acknowledges`] wants a proven sender who is the contact, or a reader of its list.
//! 5. Then the mail joins the project's lane.
//! 6. [`flows::acknowledging::acknowledge`] stops the project's clock, once, and tells the reporter, which keeps the first promise.
//! 7. Else the mail is held, and the contact is asked at its own address.
//! 8. The link in that letter, and in the forward, shows a page: [`flows::links::action`].
//! 9. Its button acknowledges: [`flows::links::we_have_it`]. Opening the link changes nothing.
//! 10. What is for the other side crosses by a door of its own: [`flows::crossing`].
//!
//! # The week is over
//! 1. Each clock knows when its ladder has something to say; [`sweeps::sweep`] asks for the case that has waited longest.
//! 2. [`domain::ladder::Ladder::due_step`] names the highest step that is due: after downtime lower ones are passed over.
//! 3. The step is noted as told in the statement that checks it was not: of several nodes one tells it.
//! 4. Contacts are reminded, in their working hours; after four sevenths of the time their deputies get the report too.
//! 5. Members get one letter for all that waits in a case.
//! 6. At the end the board is told, without a word of the report, and the contacts and the reporter learn that it is.
//! 7. One of the board says "I am on it": [`flows::board::take_up`] tells the others.
//! 8. A member may answer in the project's place: [`flows::clocks::committee_answers`]. The promise counts as not kept.
//! 9. [`flows::clocks::pause`] lets a project's clock stand still, with a reason and an end.
//! 10. If the machine's clock jumps, the board waits for an hour.
//!
//! # A member decides
//! 1. [`flows::sign_in`] sends a link that works once; each request looks the member up in the policy.
//! 2. [`web::desk`] shows what is at risk, in triage, held, in the outbox, automatic, set aside.
//! 3. A case waits with the judge's words and the reason why it was not forwarded.
//! 4. [`flows::members::claim`] gives it to one member.
//! 5. A preview shows who would be written to and what they would read.
//! 6. [`flows::members::forward`] hands the case over, as in the first journey.
//! 7. [`flows::composing::stop`] withdraws letters that have not left.
//! 8. If none had left, the case is back in triage.
//! 9. [`flows::members::decide_held`] puts held mail into a lane, aside, or makes a case of it, once.
//! 10. [`flows::members::note_answered`] notes that a person has answered the reporter.
//!
//! # A project changes its contacts
//! 1. Somebody asks on the project's page, without an account: [`flows::contacts::ask`]. The answer names nobody.
//! 2. The mailbox that would get reports gets a link; all contacts that are there now are told at once.
//! 3. Opening a link shows what it is for: [`flows::contacts::open`]. Buttons use it up.
//! 4. [`flows::contacts::confirm`] proves the mailbox; [`flows::contacts::vote`] is an old contact's consent or objection.
//! 5. [`domain::contact_change`] decides: a member for a first entry, a week, a consent, or two members.
//! 6. [`flows::contacts::decide`] is a member's word at the desk.
//! 7. Once it takes effect the store owns the project's contacts, and everybody concerned is told.
//! 8. [`flows::contacts::refresh`] lays them over the file's, on every node; open cases keep their parties.
//! 9. [`sweeps`] asks each contact every quarter; two questions without an answer, and it gets links only.
//! 10. [`flows::contacts::look_after_domains`] looks daily whether their domains still take mail.

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod flows;
pub mod judge;
pub mod mail;
pub mod store;
pub mod sweeps;
pub mod web;
pub mod world;
