//! The form as it comes in: fields and files one after the other, none of the files in memory.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::multipart::{Field as Part, Multipart};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use tokio::time::Instant;

use crate::domain::form::{FILES_SIZE_MAX, Fault, Field, Typed};
use crate::flows::House;
use crate::flows::form::{Incoming, NotAttached, Stamp, room};
use crate::store::StoreError;

/// Bytes of all typed texts: 100 000 letters of four bytes, a key, and the lines.
const TEXTS_MAX: usize = 1_000_000;
/// Parts of a form: a browser sends the fields and up to 5 files; more say nothing.
const PARTS_MAX: usize = 100;
/// A sender that says nothing for so long has gone.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Bytes a second: whoever is slower for long holds the place of another (half a megabit brings 25 MB in 7 minutes).
const PACE_MIN: u32 = 50_000;

/// The hidden field with the stamp; the first of the form.
pub const STAMP: &str = "stamp";
/// The field with the files.
pub const FILES: &str = "files";
/// The buttons that send nothing.
pub const REMOVE: &str = "remove";
pub const USE: &str = "use";
pub const LEAVE: &str = "leave";
pub const SUGGEST: &str = "suggest";

/// What the pressed button asks for beside sending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Action {
    #[default]
    None,
    /// The id of a file.
    Remove(String),
    /// Ids of projects with spaces between.
    Use(String),
    Leave,
    /// What the form looks like, in full.
    Suggest,
}

/// A form that came in.
pub struct Sent {
    pub stamp: Stamp,
    /// The stamp it came with was old or not ours.
    pub is_renewed: bool,
    pub typed: Typed,
    pub action: Action,
    /// What is wrong with its files.
    pub faults: Vec<Fault>,
    /// SHA-256 of the files that came with it and were kept.
    pub files: Vec<[u8; 32]>,
    /// Files came with it, kept or not.
    pub had_files: bool,
}

impl Sent {
    /// A form in which nothing is typed.
    pub fn blank(stamp: Stamp) -> Self {
        Self {
            stamp,
            is_renewed: false,
            typed: Typed::default(),
            action: Action::None,
            faults: Vec::new(),
            files: Vec::new(),
            had_files: false,
        }
    }
}

/// Why reading ended early. What was read until then is kept.
enum Broke {
    /// The body is broken, over its limit, or its sender has gone.
    Off,
    Store(StoreError),
}

/// Reads a form; its files are kept if `keeps_files`. What cannot be read is missing and nothing else is.
pub async fn read(house: &House, request: Request, keeps_files: bool) -> Sent {
    let mut reading = Reading { house, keeps_files, sent: None, texts_left: TEXTS_MAX, pace: Pace::begun_now() };
    let content_type = request.headers().get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    if content_type.starts_with(b"multipart/form-data") {
        if let Err(broke) = reading.parts(request).await {
            reading.note(broke);
        }
    } else {
        reading.plain(request).await;
    }
    let blank = || Sent { is_renewed: true, ..Sent::blank(Stamp::again(house)) };
    reading.sent.unwrap_or_else(blank)
}

struct Reading<'h> {
    house: &'h House,
    keeps_files: bool,
    sent: Option<Sent>,
    texts_left: usize,
    pace: Pace,
}

/// Until when the next bytes have to come.
struct Pace {
    end: Instant,
}

impl Pace {
    fn begun_now() -> Self {
        Self { end: Instant::now() + PAUSE_MAX }
    }

    /// A step of the body, if it comes in time.
    async fn wait<T, E>(&self, step: impl Future<Output = Result<T, E>>) -> Result<T, Broke> {
        let end = self.end.min(Instant::now() + PAUSE_MAX);
        match tokio::time::timeout_at(end, step).await {
            Ok(Ok(step)) => Ok(step),
            _ => Err(Broke::Off),
        }
    }

    /// Bytes that came give time for more.
    fn came(&mut self, bytes: usize) {
        self.end += Duration::from_secs(1) * u32::try_from(bytes).unwrap_or(u32::MAX) / PACE_MIN;
    }
}

impl Reading<'_> {
    async fn parts(&mut self, request: Request) -> Result<(), Broke> {
        let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| Broke::Off)?;
        for _ in 0..PARTS_MAX {
            let next = self.pace.wait(multipart.next_field()).await?;
            let Some(part) = next else { break };
            let name = part.name().unwrap_or_default().to_owned();
            if name == FILES {
                self.file(part).await?;
            } else {
                let text = self.text(part).await?;
                self.field(&name, &text);
            }
        }
        Ok(())
    }

    /// A form without files may come in the plain encoding too.
    async fn plain(&mut self, request: Request) {
        let Ok(bytes) = to_bytes(request.into_body(), TEXTS_MAX * 3).await else { return };
        for (name, text) in url::form_urlencoded::parse(&bytes) {
            self.field(&name, &text);
        }
    }

    fn field(&mut self, name: &str, text: &str) {
        if name == STAMP {
            self.begin(text);
            return;
        }
        let sent = self.sent();
        match name {
            REMOVE => sent.action = Action::Remove(text.to_owned()),
            USE => sent.action = Action::Use(text.to_owned()),
            LEAVE => sent.action = Action::Leave,
            SUGGEST => sent.action = Action::Suggest,
            _ => {
                if let Some(field) = Field::ALL.into_iter().find(|field| field.name() == name) {
                    sent.typed.set(field, text);
                }
            }
        }
    }

    /// The stamp comes first; the files after it belong to it.
    fn begin(&mut self, text: &str) {
        let stamp = Stamp::read(self.house, text).filter(|stamp| !stamp.is_old(self.house.now()));
        if self.sent.is_none() {
            self.sent = stamp.map(Sent::blank);
        }
        self.sent();
    }

    fn sent(&mut self) -> &mut Sent {
        let house = self.house;
        self.sent.get_or_insert_with(|| Sent { is_renewed: true, ..Sent::blank(Stamp::again(house)) })
    }

    async fn text(&mut self, mut part: Part<'_>) -> Result<String, Broke> {
        let mut bytes = Vec::new();
        while let Some(more) = self.pace.wait(part.chunk()).await? {
            self.pace.came(more.len());
            // Over all bounds the rest is read and left out: a text of a megabyte is told to be too long anyway.
            let taken = more.len().min(self.texts_left);
            self.texts_left -= taken;
            bytes.extend_from_slice(&more[..taken]);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn file(&mut self, mut part: Part<'_>) -> Result<(), Broke> {
        let name = part.file_name().unwrap_or_default().to_owned();
        let media_type = part.content_type().unwrap_or_default().to_owned();
        let house = self.house;
        // A browser sends an empty part where no file was chosen.
        self.sent().had_files |= !name.is_empty();
        let mut incoming = None;
        if self.keeps_files && !name.is_empty() && self.sent().faults.is_empty() {
            match room(house, &self.sent().stamp).await.map_err(Broke::Store)? {
                Ok(room) => incoming = Some(Incoming::new(house, &name, &media_type, room)),
                Err(why) => self.sent().faults.push(fault(why)),
            }
        }
        // What is not kept is read all the same: the fields behind it are still to come.
        while let Some(more) = self.pace.wait(part.chunk()).await? {
            self.pace.came(more.len());
            if let Some(file) = &mut incoming
                && let Err(why) = file.take(&more).await.map_err(Broke::Store)?
            {
                incoming = None;
                self.sent().faults.push(fault(why));
            }
        }
        if let Some(file) = incoming {
            let sent = self.sent();
            let kept = file.finish(&sent.stamp).await.map_err(Broke::Store)?;
            sent.files.push(kept);
        }
        Ok(())
    }

    fn note(&mut self, broke: Broke) {
        let fault = match broke {
            Broke::Off => Fault::CutOff,
            Broke::Store(error) => {
                tracing::warn!(%error, "a file of a form was not kept");
                Fault::NoRoomForFiles
            }
        };
        let sent = self.sent();
        if sent.faults.is_empty() {
            sent.faults.push(fault);
        }
    }
}

fn fault(why: NotAttached) -> Fault {
    match why {
        NotAttached::TooMany => Fault::TooManyFiles,
        NotAttached::TooLarge => Fault::FilesTooLarge,
        NotAttached::NoRoom => Fault::NoRoomForFiles,
    }
}

const _: () = assert!(FILES_SIZE_MAX < super::BODY_MAX as u64, "a form that is too large is read to its end");
