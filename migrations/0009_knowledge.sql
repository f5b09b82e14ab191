-- What the committee's judge was taught by members and projects. No public page reads any of it; ids and single words,
-- no text of a report.

-- Grows with every change below and with every end of a case that takes a lesson away, so that each node looks again.
CREATE TABLE knowledge_versions (
    name TEXT PRIMARY KEY,
    version BIGINT NOT NULL
);

-- A member forwarded to another project than the judge had; the case page asks for a name to remember once.
CREATE TABLE corrections (
    case_id TEXT NOT NULL REFERENCES cases (id),
    project_id TEXT NOT NULL,
    -- The judge's first candidate; NULL where it had none.
    suggested TEXT,
    at BIGINT NOT NULL,
    -- The address of the member.
    member TEXT NOT NULL,
    answered_at BIGINT,
    answered_by TEXT,
    PRIMARY KEY (case_id, project_id)
);

-- Names that members remember for a project. They outlive the case's text, so its number stands here as well.
CREATE TABLE remembered_names (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    word TEXT NOT NULL,
    -- To compare by: folded and closed up.
    name_key TEXT NOT NULL,
    case_id TEXT NOT NULL,
    case_number TEXT NOT NULL,
    learned_at BIGINT NOT NULL,
    member TEXT NOT NULL,
    undone_at BIGINT,
    undone_by TEXT
);
CREATE UNIQUE INDEX remembered_names_key ON remembered_names (name_key) WHERE undone_at IS NULL;

-- What a confirmed or corrected case says about its project: words without order, and a salted hash of a proven sender.
CREATE TABLE lessons (
    id TEXT PRIMARY KEY,
    handling_id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    case_number TEXT NOT NULL,
    taught_by TEXT NOT NULL,
    -- One word a line, sorted.
    words TEXT NOT NULL,
    sender TEXT,
    learned_at BIGINT NOT NULL,
    -- The address of the member whose correction it is; NULL for a project's acknowledgement.
    member TEXT,
    undone_at BIGINT,
    undone_by TEXT
);
CREATE INDEX lessons_learned ON lessons (learned_at, id) WHERE undone_at IS NULL;
