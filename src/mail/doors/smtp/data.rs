//! The bytes of DATA: where the message ends, its dots unstuffed, and what makes it one that we must not take.
//!
//! Whoever ends a message elsewhere than the server before us did reads the rest as commands of that
//! server (SMTP smuggling, CVE-2023-51764 and its kin). So there is one end, CRLF.CRLF, and a message with
//! any line end but CRLF is read to that end and then refused.

/// Why a message was refused by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataFault {
    /// A CR without LF.
    BareCr,
    /// A LF without CR.
    BareLf,
    /// A zero byte, which RFC 5321 section 4.1.1.4 and RFC 6152 forbid.
    Nul,
}

/// Where in a line the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    LineStart,
    Text,
    /// Behind a CR of the message.
    Cr,
    /// Behind a dot at the start of a line, which is not part of the message.
    Dot,
    /// Behind such a dot and a CR: a LF now is the end.
    DotCr,
}

/// Finds the end of DATA and undoes dot-stuffing (RFC 5321 section 4.5.2); takes slices of any length.
#[derive(Debug)]
pub struct DataReader {
    at: At,
    fault: Option<DataFault>,
}

impl Default for DataReader {
    /// A reader in front of the first byte, which is the start of a line: `.CRLF` at once is an empty message.
    fn default() -> Self {
        Self { at: At::LineStart, fault: None }
    }
}

impl DataReader {
    /// Takes the next bytes and hands those of the message to `take`, in runs as long as can be.
    /// Returns how many bytes were taken if the message ended there; else all were.
    ///
    /// Once there is a fault nothing more is handed on; the end is still found.
    pub fn feed(&mut self, input: &[u8], mut take: impl FnMut(&[u8])) -> Option<usize> {
        let mut hand_on = |fault: Option<DataFault>, run: &[u8]| {
            if fault.is_none() && !run.is_empty() {
                take(run);
            }
        };
        let (mut run, mut next) = (0, 0); // the first byte not handed on, the next to look at
        while next < input.len() {
            let byte = input[next];
            match (self.at, byte) {
                (At::LineStart, b'.') => {
                    hand_on(self.fault, &input[run..next]);
                    (run, next) = (next + 1, next + 1);
                    self.at = At::Dot;
                }
                (At::Dot, b'\r') => {
                    (run, next) = (next + 1, next + 1);
                    self.at = At::DotCr;
                }
                (At::DotCr, b'\n') => return Some(next + 1),
                (At::Cr, b'\n') => {
                    next += 1;
                    self.at = At::LineStart;
                }
                (At::Cr | At::DotCr, _) => self.blame(DataFault::BareCr),
                (At::LineStart | At::Dot, _) => self.at = At::Text,
                (At::Text, _) => next = self.skip_text(input, next),
            }
        }
        hand_on(self.fault, &input[run..]);
        None
    }

    /// What was found wrong so far.
    pub fn fault(&self) -> Option<DataFault> {
        self.fault
    }

    /// Goes over the text from `from` on; returns the index behind the first byte that is more than text.
    fn skip_text(&mut self, input: &[u8], from: usize) -> usize {
        let Some(length) = clean_length(&input[from..]) else { return input.len() };
        match input[from + length] {
            b'\r' => self.at = At::Cr,
            b'\n' => self.blame(DataFault::BareLf),
            _ => self.blame(DataFault::Nul),
        }
        from + length + 1
    }

    /// Keeps the first fault. What follows it is in the midst of a line: a bare CR or LF never starts a new one.
    fn blame(&mut self, fault: DataFault) {
        self.fault.get_or_insert(fault);
        self.at = At::Text;
    }
}

/// How many bytes come before the first CR, LF or NUL; `None` if there is none.
///
/// Looks at sixteen bytes at a time without a branch in between, which the compiler turns into vector instructions.
fn clean_length(bytes: &[u8]) -> Option<usize> {
    const LANE: usize = 16;
    let is_special = |byte: u8| matches!(byte, b'\r' | b'\n' | 0);
    let is_clean = |lane: &&[u8]| !lane.iter().fold(false, |found, &byte| found | is_special(byte));
    let skipped = bytes.chunks_exact(LANE).take_while(is_clean).count() * LANE;
    bytes[skipped..].iter().position(|&byte| is_special(byte)).map(|at| skipped + at)
}

/// Counts the `Received` fields of a header block that comes in pieces (RFC 5321 section 6.3).
#[derive(Debug, Default)]
pub struct HopCounter {
    /// Letters of the name that the current line has shown so far; `None` once it is another line.
    matched: Option<usize>,
    line_length: usize,
    is_body: bool,
    hops: usize,
}

impl HopCounter {
    const NAME: &[u8] = b"received";

    /// Takes the next bytes of the message, CRLF line ends and dots already unstuffed.
    pub fn feed(&mut self, run: &[u8]) {
        let mut bytes = run.iter();
        while !self.is_body
            && let Some(&byte) = bytes.next()
        {
            self.take(byte);
        }
    }

    /// `Received` fields so far.
    pub fn hops(&self) -> usize {
        self.hops
    }

    fn take(&mut self, byte: u8) {
        match byte {
            b'\r' => {}
            b'\n' => {
                self.is_body = self.line_length == 0;
                self.line_length = 0;
            }
            _ => {
                if self.line_length == 0 {
                    self.matched = Some(0);
                }
                self.line_length += 1;
                self.matched = self.matched.and_then(|matched| self.match_on(matched, byte));
            }
        }
    }

    fn match_on(&mut self, matched: usize, byte: u8) -> Option<usize> {
        match Self::NAME.get(matched) {
            Some(letter) => byte.eq_ignore_ascii_case(letter).then_some(matched + 1),
            // RFC 5322 section 4.5 allows blanks in front of the colon.
            None if byte == b' ' || byte == b'\t' => Some(matched),
            None => {
                self.hops += usize::from(byte == b':');
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What DATA comes to: the message if nothing is wrong with it, and what lies behind its end.
    #[derive(Debug, PartialEq)]
    enum Outcome {
        Unended { is_faulty: bool },
        Faulty { rest: Vec<u8> },
        Message { bytes: Vec<u8>, rest: Vec<u8> },
    }

    fn read(pieces: &[&[u8]]) -> Outcome {
        let mut reader = DataReader::default();
        let mut bytes = Vec::new();
        for (nth, piece) in pieces.iter().enumerate() {
            if let Some(taken) = reader.feed(piece, |run| bytes.extend_from_slice(run)) {
                let rest = [&piece[taken..], &pieces[nth + 1..].concat()].concat();
                return match reader.fault() {
                    None => Outcome::Message { bytes, rest },
                    Some(_) => Outcome::Faulty { rest },
                };
            }
        }
        Outcome::Unended { is_faulty: reader.fault().is_some() }
    }

    /// The same by looking at the whole: slow, short and plainly right.
    fn reference(all: &[u8]) -> Outcome {
        let framed = [b"\r\n", all].concat(); // so that the first line begins like any other
        let end = framed.windows(5).position(|five| five == b"\r\n.\r\n");
        let message = &framed[2..end.map_or(framed.len(), |end| end + 2)];
        // A CR at the very end may still become CRLF.
        let settled = if end.is_none() { message.strip_suffix(b"\r").unwrap_or(message) } else { message };
        let without_crlf = settled.escape_ascii().to_string().replace(r"\r\n", "");
        let is_faulty = [r"\r", r"\n", r"\x00"].iter().any(|bad| without_crlf.contains(bad));
        let Some(end) = end else { return Outcome::Unended { is_faulty } };
        let rest = framed[end + 5..].to_vec();
        if is_faulty {
            return Outcome::Faulty { rest };
        }
        let mut bytes = Vec::new();
        for line in message.split_inclusive(|&byte| byte == b'\n') {
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        }
        Outcome::Message { bytes, rest }
    }

    fn at_every_cut(all: &[u8]) -> Result<(), TestCaseError> {
        let expected = reference(all);
        for cut in 0..=all.len() {
            prop_assert_eq!(&read(&[&all[..cut], &all[cut..]]), &expected, "{} cut at {}", all.escape_ascii(), cut);
        }
        let single = all.chunks(1).collect::<Vec<_>>();
        prop_assert_eq!(&read(&single), &expected, "{} byte by byte", all.escape_ascii());
        Ok(())
    }

    #[test]
    fn no_odd_end_of_data_ends_a_message_wherever_the_stream_is_cut() {
        let odd: &[&[u8]] = &[
            b"\n.\n",
            b"\n.\r\n",
            b"\r.\r",
            b"\r.\r\n",
            b"\r\n.\n",
            b"\r\n.\r",
            b"\r\n.\r\r\n",
            b"\r\n\0.\r\n",
            b"\r\n.\0\r\n",
            b"\r\n.\r\0\n",
            b"\r\r\n.\r\r\n",
            b"\n\r.\r\n",
            b"\n\n.\r\n",
            b"\r\n.\n\r\n",
            b"\r\n\r.\r\n",
        ];
        for sequence in odd {
            let smuggled = [b"inner", *sequence, b"MAIL FROM:<a@b.example>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"].concat();
            at_every_cut(&smuggled).unwrap();
            assert_eq!(
                read(&[&smuggled]),
                Outcome::Faulty { rest: b"QUIT\r\n".to_vec() },
                "{}",
                sequence.escape_ascii()
            );
        }
    }

    #[test]
    fn a_dot_as_the_first_line_is_an_empty_message() {
        assert_eq!(read(&[b".\r\nQUIT\r\n"]), Outcome::Message { bytes: vec![], rest: b"QUIT\r\n".to_vec() });
    }

    #[test]
    fn stuffed_dots_are_taken_out_once() {
        let message = |text: &[u8]| Outcome::Message { bytes: text.to_vec(), rest: vec![] };
        assert_eq!(read(&[b"a.\r\n..\r\n...b\r\n.c\r\n.\r\n"]), message(b"a.\r\n.\r\n..b\r\nc\r\n"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_reader_agrees_with_the_whole_wherever_the_stream_is_cut(
            all in proptest::collection::vec(
                prop_oneof![
                    4 => Just(&b"\r\n"[..]),
                    3 => Just(&b"."[..]),
                    1 => Just(&b"\r"[..]),
                    1 => Just(&b"\n"[..]),
                    1 => Just(&b"\0"[..]),
                    2 => Just(&b"a"[..]),
                    1 => Just(&b"a long run of clean text, longer than a lane"[..]),
                ],
                0..24,
            )
        ) {
            at_every_cut(&all.concat())?;
        }
    }

    fn hops(message: &str, piece: usize) -> usize {
        let mut counter = HopCounter::default();
        message.as_bytes().chunks(piece).for_each(|run| counter.feed(run));
        counter.hops()
    }

    #[test]
    fn hops_are_received_fields_of_the_header_block_alone() {
        let message = "Received: a\r\n\tReceived: folded\r\nRECEIVED : b\r\nReceived-SPF: pass\r\nX: Received: c\r\n\
                       received:d\r\n\r\nReceived: in the body\r\n";
        for piece in 1..message.len() {
            assert_eq!(hops(message, piece), 3, "in pieces of {piece}");
        }
        assert_eq!(hops("\r\nReceived: a\r\n", 4), 0);
    }
}
