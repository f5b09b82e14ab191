//! Reads a TOML text key by key, keeps the place of each value, and goes on after a fault to find them all.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::config::faults::{ConfigError, Fault, listed, nearest};
use crate::config::values::{Wrong, date};

/// Reads `text` by `fill`, which asks the top section for its keys.
///
/// `fill` may answer `None` only where it has recorded a fault. A text that is no TOML gets its
/// syntax faults alone: after a missing bracket every further finding would be guesswork.
pub(super) fn read<T>(
    file: &str,
    text: &str,
    known: &'static [&'static str],
    fill: impl FnOnce(&Section<'_, '_>) -> Option<T>,
) -> Result<T, ConfigError> {
    let (root, syntax) = DeTable::parse_recoverable(text);
    let document = Document::of(file, text);
    if !syntax.is_empty() {
        for error in syntax {
            document.add(error.span(), String::new(), broken_syntax(error.message()));
        }
        return Err(document.into_error());
    }
    let top = Section { document: &document, table: Some(root.get_ref()), place: None, path: String::new(), known };
    top.name_unknown_keys();
    match fill(&top) {
        Some(value) if document.faults.borrow().is_empty() => Ok(value),
        _ => Err(document.into_error()),
    }
}

/// What the parser says, in our words where its own would puzzle: it takes `name = north` for a broken `nan`.
fn broken_syntax(message: &str) -> Wrong {
    let is = |begins: &[&str]| begins.iter().any(|begin| message.starts_with(begin));
    if is(&["duplicate key"]) {
        return Wrong::new("this key stands here a second time", "Keep one of the two.");
    }
    if is(&["string values must be quoted", "invalid float", "invalid boolean"]) {
        let fix = "Write text as \"…\"; only numbers, days, true and false go without quotes.";
        return Wrong::new("the value is missing or stands in no quotes", fix);
    }
    if is(&["invalid basic string, expected `\"`", "invalid literal string"]) {
        let fix = "Close it with the mark that it began with.";
        return Wrong::new("this text has no quotation mark at its end", fix);
    }
    let fix = "Text stands in quotes, lists in [ ], and a section begins with [name] or [[name]].";
    Wrong::new(format!("this is not TOML: {message}"), fix)
}

/// The text that is read, with the faults found so far.
struct Document<'t> {
    file: &'t str,
    text: &'t str,
    /// Where each line starts, so that a file with ten thousand projects is not counted through for each value.
    lines: Vec<usize>,
    faults: RefCell<Vec<Fault>>,
}

impl<'t> Document<'t> {
    fn of(file: &'t str, text: &'t str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        Self { file, text, lines, faults: RefCell::default() }
    }

    fn add(&self, place: Option<Range<usize>>, key: String, wrong: Wrong) {
        let (line, column) = place.map(|span| self.line_and_column(span.start)).unzip();
        let fault = Fault { file: self.file.to_owned(), line, column, key, problem: wrong.problem, fix: wrong.fix };
        self.faults.borrow_mut().push(fault);
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.lines.partition_point(|start| *start <= offset);
        (line, self.text[self.lines[line - 1]..offset].chars().count() + 1)
    }

    /// The faults in the order of the file.
    fn into_error(self) -> ConfigError {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| (fault.line, fault.column));
        faults.dedup();
        ConfigError(faults)
    }
}

/// A table of the text; one that is not there reads as empty.
pub(super) struct Section<'d, 't> {
    document: &'d Document<'t>,
    table: Option<&'d DeTable<'t>>,
    /// Its header or braces.
    place: Option<Range<usize>>,
    /// `project.contacts[0]`; empty for the top.
    path: String,
    known: &'static [&'static str],
}

/// A value with the place it stands at.
pub(super) struct Placed<T> {
    pub value: T,
    pub place: Place,
}

/// Where a value stands.
#[derive(Clone)]
pub(super) struct Place {
    span: Option<Range<usize>>,
    key: String,
    /// Counted from 1; 0 if the value stands in no file.
    pub line: usize,
}

impl<'d, 't> Section<'d, 't> {
    /// The value of `key` as `parse` reads its text.
    pub fn optional<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        self.placed(key, parse).map(|placed| placed.value)
    }

    /// Like `optional`, with its place.
    pub fn placed<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<Placed<T>> {
        self.parse_value(self.get(key)?, self.path_of(key), parse)
    }

    /// Like `placed`, and a missing key is a fault that shows an `example`.
    pub fn required<T>(&self, key: &str, example: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<Placed<T>> {
        if self.get(key).is_none() && !self.has_fault_instead_of(key) {
            let fix = format!("Add a line like {key} = \"{example}\".");
            self.document.add(self.place.clone(), self.path_of(key), Wrong::new("is missing", fix));
        }
        self.placed(key, parse)
    }

    /// Each text of a list; no list reads as an empty one.
    pub fn list<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Vec<Placed<T>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            let fix = format!("Write it in brackets: {key} = [\"…\"].");
            self.wrong_type(value, &self.path_of(key), "a list", fix);
            return Vec::new();
        };
        let parse_item = |(index, item)| self.parse_value(item, format!("{}[{index}]", self.path_of(key)), &parse);
        items.iter().enumerate().filter_map(parse_item).collect()
    }

    /// A yes or no; `false` if it is not there.
    pub fn flag(&self, key: &str) -> bool {
        let Some(value) = self.get(key) else { return false };
        if let DeValue::Boolean(flag) = value.get_ref() {
            return *flag;
        }
        self.wrong_type(value, &self.path_of(key), "true or false", format!("Write {key} = true or {key} = false."));
        false
    }

    /// A whole number within `range`.
    pub fn number(&self, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.get(key)?;
        let fix = format!("Write a whole number from {} to {}.", range.start(), range.end());
        let DeValue::Integer(integer) = value.get_ref() else {
            self.wrong_type(value, &self.path_of(key), "a whole number", fix);
            return None;
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|n| range.contains(n));
        if number.is_none() {
            let problem = format!("{integer} is out of range");
            self.document.add(Some(value.span()), self.path_of(key), Wrong::new(problem, fix));
        }
        number
    }

    /// A day, written with or without quotes.
    pub fn date(&self, key: &str) -> Option<Date> {
        let value = self.get(key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(datetime) => datetime.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.wrong_type(value, &self.path_of(key), "a day", format!("Write {key} = 2026-01-15."));
                return None;
            }
        };
        date(&text).map_err(|wrong| self.document.add(Some(value.span()), self.path_of(key), wrong)).ok()
    }

    /// The table `[key]`, in which only the `known` keys may stand.
    pub fn section(&self, key: &str, known: &'static [&'static str]) -> Section<'d, 't> {
        let path = self.path_of(key);
        let Some(value) = self.get(key) else {
            return Section { document: self.document, table: None, place: None, path, known };
        };
        let fix = format!("Begin the section with [{path}], in one pair of brackets.");
        self.open(value, path, known, "a section", &fix)
    }

    /// The tables `[[key]]`, or a list of tables in braces.
    pub fn sections(&self, key: &str, known: &'static [&'static str], numbering: Numbering) -> Vec<Section<'d, 't>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let path = self.path_of(key);
        let DeValue::Array(items) = value.get_ref() else {
            let fix = match numbering {
                Numbering::ByLine => format!("Begin each with [[{path}]], in two pairs of brackets."),
                Numbering::ByIndex => format!("Write {key} = [{{ {} = \"…\" }}].", known[0]),
            };
            self.wrong_type(value, &path, "a list of sections", fix);
            return Vec::new();
        };
        let item_path = |index| match numbering {
            Numbering::ByLine => path.clone(),
            Numbering::ByIndex => format!("{path}[{index}]"),
        };
        let fix = format!("Write {{ {} = \"…\" }}.", known[0]);
        let open = |(index, item)| self.open(item, item_path(index), known, "a section", &fix);
        items.iter().enumerate().map(open).collect()
    }

    /// Records a fault of what stands at `place`.
    pub fn fault(&self, place: &Place, wrong: Wrong) {
        self.document.add(place.span.clone(), place.key.clone(), wrong);
    }

    /// Records a fault of a value that came from elsewhere, like a flag.
    pub fn fault_elsewhere(&self, source: &str, key: &str, wrong: Wrong) {
        let key = self.path_of(key);
        let fault =
            Fault { file: source.to_owned(), line: None, column: None, key, problem: wrong.problem, fix: wrong.fix };
        self.document.faults.borrow_mut().push(fault);
    }

    /// The place of `key`, or of this section where it has none.
    pub fn place(&self, key: &str) -> Place {
        let span = self.get(key).map(|value| value.span()).or_else(|| self.place.clone());
        self.make_place(span, self.path_of(key))
    }

    /// Whether `key` is written here.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn make_place(&self, span: Option<Range<usize>>, key: String) -> Place {
        let line = span.as_ref().map_or(0, |span| self.document.line_and_column(span.start).0);
        Place { span, key, line }
    }

    fn get(&self, key: &str) -> Option<&'d Spanned<DeValue<'t>>> {
        debug_assert!(self.known.contains(&key), "`{key}` is asked for but not known in `{}`", self.path);
        self.table?.get(key)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn parse_value<T>(
        &self,
        value: &Spanned<DeValue<'t>>,
        path: String,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<Placed<T>> {
        let DeValue::String(text) = value.get_ref() else {
            self.wrong_type(value, &path, "text", "Write it in quotes: \"…\".".to_owned());
            return None;
        };
        match parse(text) {
            Ok(parsed) => Some(Placed { value: parsed, place: self.make_place(Some(value.span()), path) }),
            Err(wrong) => {
                self.document.add(Some(value.span()), path, wrong);
                None
            }
        }
    }

    fn wrong_type(&self, value: &Spanned<DeValue<'_>>, path: &str, expected: &str, fix: String) {
        let found = match value.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a section",
        };
        let wrong = Wrong::new(format!("must be {expected} and is {found}"), fix);
        self.document.add(Some(value.span()), path.to_owned(), wrong);
    }

    fn open(
        &self,
        value: &'d Spanned<DeValue<'t>>,
        path: String,
        known: &'static [&'static str],
        expected: &str,
        fix: &str,
    ) -> Section<'d, 't> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(value, &path, expected, fix.to_owned());
        }
        let section = Section { document: self.document, table, place: Some(value.span()), path, known };
        section.name_unknown_keys();
        section
    }

    fn name_unknown_keys(&self) {
        for key in self.unknown_keys() {
            let fix = match nearest(key.get_ref(), self.known.iter().copied()) {
                Some(meant) => format!("Did you mean `{meant}`?"),
                None => format!("The keys here are {}.", listed(self.known)),
            };
            let path = self.path_of(&key.get_ref().escape_debug().to_string());
            self.document.add(Some(key.span()), path, Wrong::new("is not a known key", fix));
        }
    }

    /// Whether another fault says already why `key` is not here: a slip in its name, or no section at all.
    fn has_fault_instead_of(&self, key: &str) -> bool {
        let is_no_section = self.table.is_none() && self.place.is_some();
        let meant = |unknown: &Spanned<DeString<'_>>| nearest(unknown.get_ref(), self.known.iter().copied());
        is_no_section || self.unknown_keys().any(|unknown| meant(unknown) == Some(key))
    }

    fn unknown_keys(&self) -> impl Iterator<Item = &'d Spanned<DeString<'t>>> {
        let known = self.known;
        self.table
            .into_iter()
            .flat_map(|table| table.keys())
            .filter(move |key| !known.contains(&key.get_ref().as_ref()))
    }
}

/// How the items of a list of tables are told apart in the key of a fault.
#[derive(Clone, Copy)]
pub(super) enum Numbering {
    /// `[[project]]`: the line is enough.
    ByLine,
    /// `contacts = [{…}, {…}]`: several may share a line.
    ByIndex,
}
