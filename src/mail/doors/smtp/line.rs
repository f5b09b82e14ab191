//! Command lines: only CRLF ends one, and no line, however long, is held beyond the limit.

/// Bytes of a command line without its CRLF. RFC 5321 section 4.5.3.1.4 asks for 512, SIZE, BODY and SMTPUTF8
/// for some 60 more and RFC 6531 for longer paths; a thousand holds them all.
pub const LINE_MAX: usize = 1000;

/// A line that has not ended after this many bytes is not worth waiting for.
const ENDLESS: usize = 64 * 1024;

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFault {
    /// Longer than `LINE_MAX`; it was read to its end and thrown away.
    TooLong,
    /// So long that its end was not awaited.
    Endless,
    /// A LF without CR. Reported at the LF, not at the next CRLF, so that a client that knows no CRLF hears of it.
    BareLf,
    /// A CR without LF.
    BareCr,
    /// A zero byte.
    Nul,
}

impl LineFault {
    /// Whether what follows can still be read as commands. Behind a bare LF it could be the rest of a
    /// smuggled line, behind an endless line it is the middle of one.
    pub fn ends_the_session(self) -> bool {
        matches!(self, Self::BareLf | Self::Endless)
    }
}

/// Cuts a stream of bytes into command lines; takes slices of any length.
#[derive(Debug, Default)]
pub struct LineFramer {
    line: Vec<u8>,
    seen: usize,
    after_cr: bool,
    fault: Option<LineFault>,
}

impl LineFramer {
    /// Takes bytes up to the end of a line. Returns how many were taken and, if a line ended there, the line
    /// without its CRLF or what is wrong with it.
    pub fn feed(&mut self, input: &[u8]) -> (usize, Option<Result<Vec<u8>, LineFault>>) {
        for (at, &byte) in input.iter().enumerate() {
            if let Some(line) = self.take(byte) {
                return (at + 1, Some(line));
            }
        }
        (input.len(), None)
    }

    fn take(&mut self, byte: u8) -> Option<Result<Vec<u8>, LineFault>> {
        self.seen += 1;
        if std::mem::take(&mut self.after_cr) {
            if byte == b'\n' {
                return Some(self.finish());
            }
            self.blame(LineFault::BareCr);
        }
        match byte {
            b'\r' => self.after_cr = true,
            b'\n' => return Some(self.give_up(LineFault::BareLf)),
            0 => self.blame(LineFault::Nul),
            _ if self.line.len() < LINE_MAX => self.line.push(byte),
            _ => self.blame(LineFault::TooLong),
        }
        (self.seen >= ENDLESS).then(|| self.give_up(LineFault::Endless))
    }

    /// Keeps the first fault: it is the cause, the others are often its effects.
    fn blame(&mut self, fault: LineFault) {
        self.fault.get_or_insert(fault);
    }

    fn finish(&mut self) -> Result<Vec<u8>, LineFault> {
        let done = std::mem::take(self);
        done.fault.map_or(Ok(done.line), Err)
    }

    fn give_up(&mut self, fault: LineFault) -> Result<Vec<u8>, LineFault> {
        *self = Self::default();
        Err(fault)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<Result<Vec<u8>, LineFault>> {
        let mut framer = LineFramer::default();
        let mut lines = Vec::new();
        for mut piece in pieces.iter().copied() {
            while !piece.is_empty() {
                let (taken, line) = framer.feed(piece);
                lines.extend(line);
                piece = &piece[taken..];
            }
        }
        lines
    }

    fn ok(text: &str) -> Result<Vec<u8>, LineFault> {
        Ok(text.as_bytes().to_vec())
    }

    #[test]
    fn only_crlf_ends_a_line() {
        assert_eq!(lines(&[b"NOOP\r\nQUIT\r\nRS"]), [ok("NOOP"), ok("QUIT")]);
        assert_eq!(lines(&[b"\r\n"]), [ok("")]);
        assert_eq!(lines(&[b"NOOP\rQUIT\r\nRSET\r\n"]), [Err(LineFault::BareCr), ok("RSET")]);
        assert_eq!(lines(&[b"NOOP\r\r\n"]), [Err(LineFault::BareCr)]);
        assert_eq!(lines(&[b"NO\0OP\r\nRSET\r\n"]), [Err(LineFault::Nul), ok("RSET")]);
        assert_eq!(lines(&[b"NOOP\nQUIT\r\n"]), [Err(LineFault::BareLf), ok("QUIT")]);
    }

    #[test]
    fn a_line_at_the_limit_is_taken_and_one_byte_more_is_too_long() {
        let full = "a".repeat(LINE_MAX);
        assert_eq!(lines(&[format!("{full}\r\n").as_bytes()]), [ok(&full)]);
        assert_eq!(lines(&[format!("{full}a\r\nNOOP\r\n").as_bytes()]), [Err(LineFault::TooLong), ok("NOOP")]);
    }

    #[test]
    fn an_endless_line_is_given_up_without_being_held() {
        let mut framer = LineFramer::default();
        let piece = vec![b'a'; 4096];
        let faults = (0..100).filter_map(|_| framer.feed(&piece).1).collect::<Vec<_>>();
        assert_eq!(faults[0], Err(LineFault::Endless));
        assert!(framer.line.capacity() <= 2 * LINE_MAX, "{}", framer.line.capacity());
    }

    proptest! {
        #[test]
        fn where_the_stream_is_cut_changes_nothing(
            text in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(0), Just(b'a')], 0..40),
        ) {
            let whole = lines(&[&text]);
            for cut in 0..=text.len() {
                prop_assert_eq!(&lines(&[&text[..cut], &text[cut..]]), &whole);
            }
        }
    }
}
