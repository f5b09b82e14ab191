//! One command line to what it asks for, by the strict grammar of RFC 5321 and the extensions that we offer.

use super::say;
use crate::domain::address::Mailbox;

/// What the other side asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Hello(Hello, String),
    Mail(MailFrom),
    Rcpt(Recipient),
    Data,
    Rset,
    Noop,
    Quit,
    Vrfy,
    Help,
    StartTls,
    /// CHUNKING is not offered, so its data would be taken for commands.
    Bdat,
    /// A browser or a request forged through one (THREATS.md row 7).
    Http,
    /// Known, and refused.
    NotOffered,
}

/// How it greets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hello {
    Helo,
    Ehlo,
    Lhlo,
}

/// The sender and the parameters of MAIL.
#[derive(Debug, PartialEq, Eq)]
pub struct MailFrom {
    /// `None` is the null return path `<>`.
    pub sender: Option<Mailbox>,
    /// RFC 1870: how large the message will be, as the client claims.
    pub size: Option<u64>,
    /// RFC 6531: addresses and header fields may hold UTF-8.
    pub is_utf8: bool,
}

/// The argument of RCPT.
#[derive(Debug, PartialEq, Eq)]
pub enum Recipient {
    Mailbox(Mailbox),
    /// `<postmaster>` without a domain (RFC 5321 section 4.1.1.3).
    Postmaster,
}

/// The answer to a line that is no command.
type Refusal = &'static str;

impl Command {
    /// Reads a line without its CRLF.
    pub fn parse(line: &[u8]) -> Result<Self, Refusal> {
        let line = str::from_utf8(line).map_err(|_| say::NOT_UTF8)?;
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        let argument = argument.trim_matches(' ');
        let bare = |command: Self| if argument.is_empty() { Ok(command) } else { Err(say::NO_ARGUMENT) };
        match verb.to_ascii_uppercase().as_str() {
            "HELO" => hello(Hello::Helo, argument),
            "EHLO" => hello(Hello::Ehlo, argument),
            "LHLO" => hello(Hello::Lhlo, argument),
            "MAIL" => mail_from(argument).map(Self::Mail),
            "RCPT" => rcpt_to(argument).map(Self::Rcpt),
            "DATA" => bare(Self::Data),
            "RSET" => bare(Self::Rset),
            "QUIT" => bare(Self::Quit),
            "STARTTLS" => bare(Self::StartTls),
            "NOOP" => Ok(Self::Noop),
            "VRFY" => Ok(Self::Vrfy),
            "HELP" => Ok(Self::Help),
            "BDAT" => Ok(Self::Bdat),
            "GET" | "POST" | "PUT" | "HEAD" | "DELETE" | "OPTIONS" | "PATCH" | "TRACE" | "CONNECT" | "PRI" => {
                Ok(Self::Http)
            }
            "EXPN" | "AUTH" | "ETRN" | "TURN" | "SEND" | "SOML" | "SAML" | "XCLIENT" | "XFORWARD" | "PROXY" => {
                Ok(Self::NotOffered)
            }
            _ => Err(say::UNKNOWN_COMMAND),
        }
    }
}

/// RFC 5321 section 4.1.1.1: a domain or an address literal. It ends up in a header of ours, so nothing else may pass;
/// the underscore of many a real machine may.
fn hello(kind: Hello, name: &str) -> Result<Command, Refusal> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    if name.is_empty() || name.len() > 255 || !name.bytes().all(is_plain) {
        return Err(say::BAD_HELO);
    }
    Ok(Command::Hello(kind, name.to_owned()))
}

fn mail_from(argument: &str) -> Result<MailFrom, Refusal> {
    let (path, parameters) = path_after("FROM:", argument).ok_or(say::BAD_SENDER)?;
    let mut mail = MailFrom { sender: None, size: None, is_utf8: false };
    if !path.is_empty() {
        mail.sender = Some(Mailbox::parse(path).map_err(|_| say::BAD_SENDER)?);
    }
    let mut has_body = false;
    for parameter in parameters.split_ascii_whitespace() {
        let (name, value) = parameter.split_once('=').map_or((parameter, None), |(name, value)| (name, Some(value)));
        match (name.to_ascii_uppercase().as_str(), value) {
            ("SIZE", Some(value)) if mail.size.is_none() => mail.size = Some(size(value)?),
            ("BODY", Some(value)) if !has_body => has_body = is_body(value)?,
            ("SMTPUTF8", None) if !mail.is_utf8 => mail.is_utf8 = true,
            ("SIZE" | "BODY" | "SMTPUTF8", _) => return Err(say::BAD_PARAMETER),
            _ => return Err(say::UNKNOWN_PARAMETER),
        }
    }
    if !path.is_ascii() && !mail.is_utf8 {
        return Err(say::NEEDS_SMTPUTF8);
    }
    Ok(mail)
}

/// RFC 1870 section 3: up to twenty digits. More than fits our type is more than any limit.
fn size(value: &str) -> Result<u64, Refusal> {
    let is_number = (1..=20).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { Ok(value.parse().unwrap_or(u64::MAX)) } else { Err(say::BAD_PARAMETER) }
}

/// RFC 6152. Both are taken alike: we read eight bits whatever was announced.
fn is_body(value: &str) -> Result<bool, Refusal> {
    let is_known = value.eq_ignore_ascii_case("7BIT") || value.eq_ignore_ascii_case("8BITMIME");
    if is_known { Ok(true) } else { Err(say::BAD_PARAMETER) }
}

fn rcpt_to(argument: &str) -> Result<Recipient, Refusal> {
    let (path, parameters) = path_after("TO:", argument).ok_or(say::BAD_RECIPIENT)?;
    if path.eq_ignore_ascii_case("postmaster") {
        return no_parameters(parameters).map(|()| Recipient::Postmaster);
    }
    let mailbox = Mailbox::parse(path).map_err(|_| say::BAD_RECIPIENT)?;
    no_parameters(parameters)?;
    if mailbox.local().contains(['%', '!']) {
        return Err(say::RELAYING); // a route in disguise: user%elsewhere@here, elsewhere!user@here
    }
    Ok(Recipient::Mailbox(mailbox))
}

/// We offer no extension that has parameters of RCPT.
fn no_parameters(parameters: &str) -> Result<(), Refusal> {
    if parameters.is_empty() { Ok(()) } else { Err(say::UNKNOWN_PARAMETER) }
}

/// The path between its angle brackets and what follows it. A blank behind the colon is wrong by RFC 5321 section
/// 3.3, but common and harmless.
fn path_after<'l>(keyword: &str, argument: &'l str) -> Option<(&'l str, &'l str)> {
    let (start, rest) = argument.split_at_checked(keyword.len())?;
    let rest = rest.trim_start_matches(' ').strip_prefix('<')?;
    let (path, parameters) = rest.split_once('>')?;
    let is_separate = parameters.is_empty() || parameters.starts_with(' ');
    (start.eq_ignore_ascii_case(keyword) && is_separate).then_some((path, parameters.trim_matches(' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, Refusal> {
        Command::parse(line.as_bytes())
    }

    fn mailbox(text: &str) -> Mailbox {
        Mailbox::parse(text).unwrap()
    }

    #[test]
    fn commands_are_read_in_any_case() {
        let plain = MailFrom { sender: Some(mailbox("jo@example.org")), size: None, is_utf8: false };
        assert_eq!(parse("mail from:<jo@example.org>"), Ok(Command::Mail(plain)));
        let full = MailFrom { sender: None, size: Some(7), is_utf8: true };
        assert_eq!(parse("MAIL FROM: <> size=7 BODY=8bitmime SMTPUTF8"), Ok(Command::Mail(full)));
        assert_eq!(parse("RCPT TO:<PostMaster>"), Ok(Command::Rcpt(Recipient::Postmaster)));
        assert_eq!(parse("EhLo [IPv6:::1]"), Ok(Command::Hello(Hello::Ehlo, "[IPv6:::1]".into())));
        assert_eq!(parse("quit "), Ok(Command::Quit));
    }

    #[test]
    fn what_is_not_a_strict_path_is_refused() {
        let paths = [
            "jo@example.org",
            "<jo@example.org",
            "<@relay.example:jo@example.org>",
            "<\"jo doe\"@example.org>",
            "<jo@[192.0.2.1]>",
            "<jo>",
            "<jo@example.org>x",
            "<jo@example.org>>",
            "<jo;rm -rf@example.org>",
            "<jo\t@example.org>",
        ];
        for path in paths {
            assert_eq!(parse(&format!("MAIL FROM:{path}")), Err(say::BAD_SENDER), "{path}");
            assert_eq!(parse(&format!("RCPT TO:{path}")), Err(say::BAD_RECIPIENT), "{path}");
        }
        assert_eq!(parse("RCPT TO:<>"), Err(say::BAD_RECIPIENT));
        for route in ["jo%example.com@example.org", "example.com!jo@example.org"] {
            assert_eq!(parse(&format!("RCPT TO:<{route}>")), Err(say::RELAYING), "{route}");
        }
    }

    #[test]
    fn parameters_are_taken_once_and_only_if_offered() {
        for bad in
            ["SIZE", "SIZE=", "SIZE=-1", "SIZE=1 SIZE=1", "BODY=BINARYMIME", "SMTPUTF8=1", "SIZE=123456789012345678901"]
        {
            assert_eq!(parse(&format!("MAIL FROM:<> {bad}")), Err(say::BAD_PARAMETER), "{bad}");
        }
        for unknown in ["RET=HDRS", "AUTH=<>", "X"] {
            assert_eq!(parse(&format!("MAIL FROM:<> {unknown}")), Err(say::UNKNOWN_PARAMETER), "{unknown}");
        }
        assert_eq!(parse("RCPT TO:<a@b.example> NOTIFY=NEVER"), Err(say::UNKNOWN_PARAMETER));
        assert_eq!(parse("MAIL FROM:<jürgen@example.org>"), Err(say::NEEDS_SMTPUTF8));
        let Ok(Command::Mail(mail)) = parse("MAIL FROM:<> SIZE=99999999999999999999") else { panic!() };
        assert_eq!(mail.size, Some(u64::MAX));
    }

    #[test]
    fn what_could_harm_a_header_is_no_host_name() {
        for bad in ["", "a b", "a(b)", "a<b>", "a;b", "b\u{fc}cher.example", "a\tb"] {
            assert_eq!(parse(&format!("EHLO {bad}")), Err(say::BAD_HELO), "{bad}");
        }
    }

    #[test]
    fn what_is_no_command_is_told_apart_from_what_is_not_offered() {
        assert_eq!(parse("XCLIENT ADDR=127.0.0.1"), Ok(Command::NotOffered));
        assert_eq!(parse("PROXY TCP4 192.0.2.1 192.0.2.2 1 25"), Ok(Command::NotOffered));
        assert_eq!(parse("POST / HTTP/1.1"), Ok(Command::Http));
        assert_eq!(parse("Subject: a"), Err(say::UNKNOWN_COMMAND));
        assert_eq!(Command::parse(b"NOOP \xff"), Err(say::NOT_UTF8));
        assert_eq!(parse("DATA now"), Err(say::NO_ARGUMENT));
    }
}
