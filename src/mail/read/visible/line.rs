//! One line as the rules look at it: without marks that nobody sees, small letters, short.

/// Mail programs wrap long before; a longer line is somebody's text and no mark of a program.
const LOOKED_AT: usize = 400;

/// The line without direction marks and joiners (Outlook and iOS put them into dates), with plain single spaces, in
/// small letters. Empty if it is too long to be a program's.
pub fn folded(line: &str) -> String {
    let line = line.trim();
    if line.len() > LOOKED_AT {
        return String::new();
    }
    let mut plain = String::with_capacity(line.len());
    for c in line.chars().filter(|&c| !is_unseen(c)) {
        match c {
            c if c.is_whitespace() => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            // Proton draws its lines with hyphens.
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' => plain.push('-'),
            // Full-width digits, colons and brackets of Chinese and Japanese programs.
            '\u{ff01}'..='\u{ff5e}' => {
                plain.extend(char::from_u32(c as u32 - 0xfee0).into_iter().flat_map(char::to_lowercase))
            }
            c => plain.extend(c.to_lowercase()),
        }
    }
    plain.trim().to_owned()
}

fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The last character that a reader sees.
pub fn last_seen(line: &str) -> Option<char> {
    line.chars().rev().find(|&c| !c.is_whitespace() && !is_unseen(c))
}

/// Whether nothing stands on the line, as a reader sees it.
pub fn is_blank(line: &str) -> bool {
    line.chars().all(|c| c.is_whitespace() || is_unseen(c))
}

/// Whether the line begins with the mark of a quotation.
pub fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// The first line at or after `from` on which something stands.
pub fn next_filled(lines: &[&str], from: usize) -> Option<usize> {
    (from..lines.len()).find(|&at| !is_blank(lines[at]))
}

/// The same, if no more than `blank` lines stand before it.
pub fn filled_near(lines: &[&str], from: usize, blank: usize) -> Option<usize> {
    next_filled(&lines[..lines.len().min(from + blank + 1)], from)
}

/// A line drawn of one character, ten times at least: Outlook's underscores, dashes, the bar of an HTML `<hr>`.
pub fn is_rule(line: &str) -> bool {
    let mut characters = line.trim().chars();
    let Some(first) =
        characters.next().filter(|c| matches!(c, '_' | '-' | '=' | '*' | '\u{2500}' | '\u{2010}'..='\u{2015}'))
    else {
        return false;
    };
    characters.clone().count() >= 9 && characters.all(|c| c == first)
}

/// Whether `text` holds `word` with no letter or digit right before or behind it.
pub fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(char::is_alphanumeric) && !text[at + word.len()..].starts_with(char::is_alphanumeric)
    })
}

/// Whether `text` ends with `word`, which no letter touches.
pub fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|before| !before.ends_with(char::is_alphanumeric))
}

/// `someone@host`, in whatever brackets.
pub fn has_address(text: &str) -> bool {
    text.split('@').zip(text.split('@').skip(1)).any(|(before, after)| {
        before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '='))
            && after.starts_with(char::is_alphanumeric)
    })
}

/// A time of day: `15:00`, `3.05`, `15h00`.
pub fn has_time(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    characters.windows(4).any(|w| {
        w[0].is_numeric() && matches!(w[1], ':' | '.' | 'h' | '时' | '時') && w[2].is_numeric() && w[3].is_numeric()
    })
}

/// A year of the age of mail, or a day as `11/20/26`, `20.11.2026`.
pub fn has_date(text: &str) -> bool {
    let numbers: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
    let is_year = |n: &&str| n.len() == 4 && (n.starts_with("19") || n.starts_with("20"));
    let with_marks: Vec<&str> = text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '/' | '.' | '-'))).collect();
    let is_day = |part: &&str| {
        let numbers: Vec<&str> = part.split(['/', '.', '-']).filter(|n| !n.is_empty()).collect();
        numbers.len() == 3 && numbers.iter().all(|n| n.len() <= 4)
    };
    numbers.iter().any(is_year) || with_marks.iter().any(is_day)
}
