//! What the committee's judge was taught: remembered names, lessons of cases, and corrections that wait for an answer.

use jiff::Timestamp;

use super::columns::{Columns, all, one};
use super::{Conn, Store, StoreError, Tx};
use crate::domain::address::Mailbox;
use crate::domain::case::{CaseRef, Closing};
use crate::domain::directory::ProjectId;
use crate::domain::handling::HandlingState;
use crate::domain::id::{CaseId, HandlingId, KnowledgeId};
use crate::domain::knowledge::{Alias, Lesson, TaughtBy};

/// Where a piece of knowledge comes from, and by what it may have lost its ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub id: KnowledgeId,
    pub project: ProjectId,
    pub case: CaseId,
    pub number: CaseRef,
    pub learned_at: Timestamp,
    /// The member whose act it was; `None` for a project's acknowledgement.
    pub member: Option<Mailbox>,
    pub undone_at: Option<Timestamp>,
    pub undone_by: Option<Mailbox>,
    /// How the project's part of the case stands.
    pub part: Option<HandlingState>,
    /// As what the case was closed, if it is.
    pub closed_as: Option<Closing>,
}

/// A name that a member remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRow {
    pub origin: Origin,
    pub word: String,
    /// The name to compare by: no two in force are the same.
    pub key: String,
}

/// What a case taught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LessonRow {
    pub origin: Origin,
    pub handling: HandlingId,
    pub taught_by: TaughtBy,
    /// Sorted.
    pub words: Vec<String>,
    pub sender: Option<String>,
}

/// A member's choice of another project than the judge had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionRow {
    pub case: CaseId,
    pub project: ProjectId,
    pub suggested: Option<ProjectId>,
    pub at: Timestamp,
    pub member: Mailbox,
}

/// Columns of an origin, and the tables they are from; `$table` is `k` in what follows.
macro_rules! select_origin {
    ($columns:literal, $table:literal, $rest:expr) => {
        concat!(
            "SELECT k.id, k.project_id, k.case_id, k.case_number, k.learned_at, k.member, k.undone_at, k.undone_by,
                 h.state AS part, c.closed_as, ",
            $columns,
            " FROM ",
            $table,
            " k LEFT JOIN cases c ON c.id = k.case_id
                 LEFT JOIN handlings h ON h.case_id = k.case_id AND h.project_id = k.project_id ",
            $rest
        )
    };
}

const NAMES: &str =
    select_origin!("k.word, k.name_key", "remembered_names", "ORDER BY k.learned_at DESC, k.id DESC LIMIT $1");
const NAME_WITH_KEY: &str =
    select_origin!("k.word, k.name_key", "remembered_names", "WHERE k.name_key = $1 AND k.undone_at IS NULL");
const LESSONS: &str = select_origin!(
    "k.handling_id, k.taught_by, k.words, k.sender",
    "lessons",
    "ORDER BY k.learned_at DESC, k.id DESC LIMIT $1"
);

impl Store {
    /// Grows with every change of what counts.
    pub async fn knowledge_version(&self) -> Result<i64, StoreError> {
        let mut reader = self.reader().await?;
        let version = either!(reader.conn(), conn => one(
            sqlx::query("SELECT version FROM knowledge_versions WHERE name = 'knowledge'").fetch_optional(conn).await?,
            |row| row.number("version"),
        )?);
        Ok(version.unwrap_or(0))
    }

    /// Up to `limit` remembered names, the newest first, with those that were undone.
    pub async fn remembered_names(&self, limit: i64) -> Result<Vec<NameRow>, StoreError> {
        names(self.reader().await?.conn(), NAMES, limit).await
    }

    /// Up to `limit` lessons, the newest first, with those that were undone.
    pub async fn lessons(&self, limit: i64) -> Result<Vec<LessonRow>, StoreError> {
        lessons(self.reader().await?.conn(), LESSONS, limit).await
    }

    /// The corrections of a case after which nobody has said yet whether a name is to be remembered, in their order.
    pub async fn open_corrections(&self, case: &CaseId) -> Result<Vec<CorrectionRow>, StoreError> {
        let mut reader = self.reader().await?;
        either!(reader.conn(), conn => all(
            &sqlx::query(
                "SELECT case_id, project_id, suggested, at, member FROM corrections
                 WHERE case_id = $1 AND answered_at IS NULL ORDER BY at, project_id",
            )
            .bind(case.as_str())
            .fetch_all(conn)
            .await?,
            |row| Ok(CorrectionRow {
                case: CaseId::from_row(row.text("case_id")?),
                project: row.word("project_id", ProjectId::parse)?,
                suggested: row.word_or_null("suggested", ProjectId::parse)?,
                at: row.time("at")?,
                member: row.mailbox("member")?,
            }),
        ))
    }
}

impl Tx<'_> {
    /// Every node looks at the knowledge again.
    pub async fn raise_knowledge_version(&mut self) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO knowledge_versions (name, version) VALUES ('knowledge', 1)
             ON CONFLICT (name) DO UPDATE SET version = knowledge_versions.version + 1",
        )
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// Writes down that a member chose another project than the judge had.
    pub async fn note_correction(&mut self, correction: &CorrectionRow) -> Result<(), StoreError> {
        either!(self.conn(), conn => sqlx::query(
            "INSERT INTO corrections (case_id, project_id, suggested, at, member) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (case_id, project_id) DO NOTHING",
        )
        .bind(correction.case.as_str())
        .bind(correction.project.as_str())
        .bind(correction.suggested.as_ref().map(ProjectId::as_str))
        .bind(correction.at.as_microsecond())
        .bind(correction.member.as_str())
        .execute(conn)
        .await
        .map(|_| ())?);
        Ok(())
    }

    /// A member has said whether a name is to be remembered after that correction; `false` if that was said before.
    pub async fn answer_correction(
        &mut self,
        case: &CaseId,
        project: &ProjectId,
        by: &Mailbox,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = either!(self.conn(), conn => sqlx::query(
            "UPDATE corrections SET answered_at = $3, answered_by = $4
             WHERE case_id = $1 AND project_id = $2 AND answered_at IS NULL",
        )
        .bind(case.as_str())
        .bind(project.as_str())
        .bind(now.as_microsecond())
        .bind(by.as_str())
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Remembers a name. Of one that is remembered already nothing changes, and the row that has it is given.
    pub async fn remember_name(&mut self, name: &NameRow) -> Result<Option<NameRow>, StoreError> {
        let origin = &name.origin;
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO remembered_names (id, project_id, word, name_key, case_id, case_number, learned_at, member)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name_key) WHERE undone_at IS NULL DO NOTHING",
        )
        .bind(origin.id.as_str())
        .bind(origin.project.as_str())
        .bind(&name.word)
        .bind(&name.key)
        .bind(origin.case.as_str())
        .bind(origin.number.as_str())
        .bind(origin.learned_at.as_microsecond())
        .bind(origin.member.as_ref().map(Mailbox::as_str))
        .execute(conn)
        .await?
        .rows_affected());
        if rows == 1 {
            return Ok(None);
        }
        either!(self.conn(), conn => one(
            sqlx::query(NAME_WITH_KEY).bind(&name.key).fetch_optional(conn).await?,
            name_row,
        ))
    }

    /// Keeps what a case taught: one lesson for each project's part. An acknowledgement after a correction confirms it;
    /// what a member has undone stays undone. `false` if nothing changed.
    pub async fn learn(&mut self, lesson: &LessonRow) -> Result<bool, StoreError> {
        let origin = &lesson.origin;
        let rows = either!(self.conn(), conn => sqlx::query(
            "INSERT INTO lessons (id, handling_id, project_id, case_id, case_number, taught_by, words, sender, learned_at,
                 member)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (handling_id) DO UPDATE SET taught_by = excluded.taught_by, learned_at = excluded.learned_at
                 WHERE lessons.undone_at IS NULL AND lessons.taught_by = 'correction'
                     AND excluded.taught_by = 'acknowledgement'",
        )
        .bind(origin.id.as_str())
        .bind(lesson.handling.as_str())
        .bind(origin.project.as_str())
        .bind(origin.case.as_str())
        .bind(origin.number.as_str())
        .bind(lesson.taught_by.word())
        .bind(lesson.words.join("\n"))
        .bind(&lesson.sender)
        .bind(origin.learned_at.as_microsecond())
        .bind(origin.member.as_ref().map(Mailbox::as_str))
        .execute(conn)
        .await?
        .rows_affected());
        Ok(rows == 1)
    }

    /// Forgets a remembered name; gives the case it was learned from, `None` if it was undone before.
    pub async fn undo_name(
        &mut self,
        id: &KnowledgeId,
        by: &Mailbox,
        now: Timestamp,
    ) -> Result<Option<CaseId>, StoreError> {
        either!(self.conn(), conn => one(
            sqlx::query(
                "UPDATE remembered_names SET undone_at = $2, undone_by = $3 WHERE id = $1 AND undone_at IS NULL
                 RETURNING case_id",
            )
            .bind(id.as_str())
            .bind(now.as_microsecond())
            .bind(by.as_str())
            .fetch_optional(conn)
            .await?,
            |row| Ok(CaseId::from_row(row.text("case_id")?)),
        ))
    }

    /// Forgets what a case taught, its words and its sender included; gives the case, `None` if it was undone before.
    pub async fn undo_lesson(
        &mut self,
        id: &KnowledgeId,
        by: &Mailbox,
        now: Timestamp,
    ) -> Result<Option<CaseId>, StoreError> {
        either!(self.conn(), conn => one(
            sqlx::query(
                "UPDATE lessons SET undone_at = $2, undone_by = $3, words = '', sender = NULL
                 WHERE id = $1 AND undone_at IS NULL RETURNING case_id",
            )
            .bind(id.as_str())
            .bind(now.as_microsecond())
            .bind(by.as_str())
            .fetch_optional(conn)
            .await?,
            |row| Ok(CaseId::from_row(row.text("case_id")?)),
        ))
    }
}

impl NameRow {
    /// As the judge is given it.
    pub fn into_alias(self) -> Alias {
        let Origin { id, project, number, .. } = self.origin;
        Alias { id, word: self.word, project, case: number }
    }
}

impl LessonRow {
    /// As the judge is given it.
    pub fn into_lesson(self) -> Lesson {
        let Origin { project, number, .. } = self.origin;
        Lesson { project, case: number, words: self.words, sender: self.sender }
    }
}

async fn names(conn: Conn<'_>, sql: &'static str, limit: i64) -> Result<Vec<NameRow>, StoreError> {
    either!(conn, conn => all(&sqlx::query(sql).bind(limit).fetch_all(conn).await?, name_row))
}

async fn lessons(conn: Conn<'_>, sql: &'static str, limit: i64) -> Result<Vec<LessonRow>, StoreError> {
    either!(conn, conn => all(&sqlx::query(sql).bind(limit).fetch_all(conn).await?, lesson_row))
}

fn name_row(row: &impl Columns) -> Result<NameRow, StoreError> {
    Ok(NameRow { origin: origin(row)?, word: row.text("word")?, key: row.text("name_key")? })
}

fn lesson_row(row: &impl Columns) -> Result<LessonRow, StoreError> {
    Ok(LessonRow {
        origin: origin(row)?,
        handling: HandlingId::from_row(row.text("handling_id")?),
        taught_by: row.word("taught_by", TaughtBy::from_word)?,
        words: row.text("words")?.lines().map(str::to_owned).collect(),
        sender: row.text_or_null("sender")?,
    })
}

fn origin(row: &impl Columns) -> Result<Origin, StoreError> {
    Ok(Origin {
        id: KnowledgeId::from_row(row.text("id")?),
        project: row.word("project_id", ProjectId::parse)?,
        case: CaseId::from_row(row.text("case_id")?),
        number: CaseRef::from_row(row.text("case_number")?),
        learned_at: row.time("learned_at")?,
        member: row.mailbox_or_null("member")?,
        undone_at: row.time_or_null("undone_at")?,
        undone_by: row.mailbox_or_null("undone_by")?,
        part: row.word_or_null("part", HandlingState::from_word)?,
        closed_as: row.word_or_null("closed_as", Closing::from_word)?,
    })
}
