//! What the server says: a code, an enhanced code (RFC 3463) and a sentence that tells the other side what to do.

pub const OK: &str = "250 2.0.0 OK";
pub const SENDER_OK: &str = "250 2.1.0 sender OK";
pub const RECIPIENT_OK: &str = "250 2.1.5 recipient OK";
pub const GO_AHEAD: &str = "354 end the message with a line that holds a single dot";
pub const READY_FOR_TLS: &str = "220 2.0.0 ready to start TLS";
pub const BYE: &str = "221 2.0.0 goodbye";
pub const HELP: &str = "214 2.0.0 this server takes reports of security flaws; see RFC 5321 for its commands";
pub const VRFY: &str = "252 2.0.0 send the mail and see";

pub const STOPPING: &str = "421 4.3.2 this server is stopping; try again in a moment";
pub const TOO_MANY_CONNECTIONS: &str = "421 4.7.0 too many connections; try again later";
pub const TOO_MANY_ERRORS: &str = "421 4.7.0 too many errors";
pub const TOO_SLOW: &str = "421 4.4.2 that took too long";
pub const NOT_HTTP: &str = "421 4.7.0 this is a mail server, not a web server";
pub const UNINVITED_MESSAGE: &str = "421 4.7.0 that is no command, and the DATA before it was refused";
pub const ENDLESS_MESSAGE: &str = "421 4.3.4 the message is far beyond the size limit";

pub const TRY_LATER: &str = "451 4.3.0 cannot take it now; try again later";
/// Greylisting's code: the other side keeps the message and tries again (RFC 5321 section 4.2.2, RFC 3463 4.7.x).
pub fn too_many_messages(minutes: u64) -> String {
    format!("450 4.7.1 too many messages from your network; try again in {minutes} min")
}

pub const NO_ROOM: &str = "452 4.3.1 no room for the message now; try again later";
pub const TOO_MANY_RECIPIENTS: &str = "452 4.5.3 too many recipients; send the message to the others separately";

pub const UNKNOWN_COMMAND: &str = "500 5.5.2 command not recognized";
pub const LINE_TOO_LONG: &str = "500 5.5.2 line too long";
pub const BARE_LF: &str = "500 5.5.2 lines end with CR LF, not with LF alone";
pub const BARE_CR: &str = "500 5.5.2 CR without LF";
pub const NUL_IN_LINE: &str = "500 5.5.2 zero byte in a command";
pub const NOT_UTF8: &str = "501 5.5.2 the line is neither ASCII nor UTF-8";
pub const NO_ARGUMENT: &str = "501 5.5.4 this command takes no argument";
pub const BAD_HELO: &str = "501 5.5.4 say your host name or address literal, such as mail.example.org";
pub const BAD_SENDER: &str = "501 5.1.7 say MAIL FROM:<name@domain> or MAIL FROM:<>";
pub const BAD_RECIPIENT: &str = "501 5.1.3 say RCPT TO:<name@domain>";
pub const BAD_PARAMETER: &str = "501 5.5.4 the value of a parameter is wrong or the parameter is given twice";
pub const NOT_OFFERED: &str = "502 5.5.1 command not offered";
pub const NOT_LMTP: &str = "500 5.5.1 this is SMTP; say EHLO";
pub const NOT_SMTP: &str = "500 5.5.1 this is LMTP; say LHLO";
pub const HELLO_FIRST: &str = "503 5.5.1 greet first";
pub const ONE_SENDER: &str = "503 5.5.1 the sender is given already; RSET starts anew";
pub const SENDER_FIRST: &str = "503 5.5.1 MAIL FROM comes first";
pub const NO_RECIPIENT: &str = "554 5.5.1 no valid recipient";
pub const BDAT: &str = "503 5.5.1 CHUNKING is not offered; closing, for the data would be read as commands";
pub const TLS_PIPELINED: &str = "503 5.5.1 nothing may follow STARTTLS before the handshake; closing";
pub const TLS_ALREADY: &str = "503 5.5.1 TLS is on already";
pub const RELAYING: &str = "550 5.7.1 relaying denied";
pub const BAD_BYTES: &str = "550 5.6.0 the message holds a bare CR, a bare LF or a zero byte";
pub const TOO_LARGE: &str = "552 5.3.4 the message is larger than this server takes";
pub const NEEDS_SMTPUTF8: &str = "553 5.6.7 an address that is not ASCII needs SMTPUTF8";
pub const LOOP: &str = "554 5.4.6 too many hops; the mail runs in a loop";
pub const UNKNOWN_PARAMETER: &str = "555 5.5.4 parameter not recognized";
