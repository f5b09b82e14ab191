-- Columns are TEXT, BIGINT and BYTEA alone, so that one text serves SQLite and PostgreSQL.
-- Times are microseconds since 1970; a yes or no is a nullable time.

-- Every message taken in; nothing is ever answered that is not in here. The bytes lie in blobs, so that a row is
-- small to list and to rewrite.
CREATE TABLE journal (
    id TEXT PRIMARY KEY,
    arrived_at BIGINT NOT NULL,
    door TEXT NOT NULL,
    peer_ip TEXT,
    peer_helo TEXT,
    -- Set where the peer was one of mail.trusted_peers.
    peer_trusted_at BIGINT,
    -- NULL is the null return path.
    sender TEXT,
    -- One addressee a line, with fingerprints in place of tokens.
    addressees TEXT NOT NULL,
    size BIGINT NOT NULL,
    claimed_by TEXT,
    -- How often the program died while it worked on this row.
    deaths BIGINT NOT NULL,
    filed_at BIGINT,
    filed_as TEXT,
    filed_because TEXT,
    case_id TEXT,
    message_id TEXT,
    from_address TEXT,
    subject TEXT,
    body_sha256 TEXT
);
CREATE INDEX journal_unfiled ON journal (id) WHERE filed_at IS NULL;
CREATE INDEX journal_message_id ON journal (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX journal_filed_as ON journal (filed_as, filed_at);

-- The bytes of messages as they came, in rows of up to 256 KiB.
CREATE TABLE blobs (
    arrival_id TEXT NOT NULL,
    chunk BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (arrival_id, chunk)
);

CREATE TABLE case_numbers (
    year BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
);

CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    arrived_at BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    -- The address of the member who claimed it.
    owner TEXT,
    -- Why it was not forwarded by itself.
    waits_because TEXT,
    -- What the judge said, as JSON.
    judgement TEXT NOT NULL,
    closed_at BIGINT,
    closed_as TEXT,
    -- The actor's word.
    closed_by TEXT
);
CREATE INDEX cases_state ON cases (state, opened_at);
CREATE INDEX cases_opened ON cases (opened_at);

CREATE TABLE handlings (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    project_id TEXT NOT NULL,
    state TEXT NOT NULL,
    channel TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    -- The actor's word; `program` where it went out by itself.
    decided_by TEXT NOT NULL,
    acknowledged_at BIGINT,
    acknowledged_by TEXT,
    -- By what an acknowledgement outside of this program became known, in a member's words.
    acknowledged_how TEXT,
    withdrawn_at BIGINT,
    -- When a member took it to a project that takes no mail, who, and how.
    handed_over_at BIGINT,
    handed_over_by TEXT,
    handed_over_how TEXT,
    -- When it ended: closed, handed back by the project, taken over by the committee.
    closed_at BIGINT,
    closed_by TEXT
);
-- One that ended stays as it was; the project may get the case again.
CREATE UNIQUE INDEX handlings_open ON handlings (case_id, project_id) WHERE closed_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX handlings_case ON handlings (case_id);
CREATE INDEX handlings_decided ON handlings (decided_by, decided_at);

CREATE TABLE parties (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    -- NULL for a reporter.
    handling_id TEXT REFERENCES handlings (id),
    address TEXT,
    name TEXT,
    -- Set where the address is a list or shared mailbox.
    list_at BIGINT,
    -- What a reporter lets the projects know of them.
    shares TEXT NOT NULL,
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX parties_case ON parties (case_id);

CREATE TABLE reports (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    arrival_id TEXT NOT NULL UNIQUE REFERENCES journal (id),
    party_id TEXT NOT NULL REFERENCES parties (id),
    arrived_at BIGINT NOT NULL,
    from_name TEXT,
    from_address TEXT,
    -- To count by: lower case.
    from_folded TEXT,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    -- Subject and text as a project may see them: without the reporter's identity.
    shared TEXT NOT NULL,
    text_source TEXT NOT NULL,
    encryption TEXT,
    automatic TEXT,
    unreadable TEXT,
    proof TEXT NOT NULL,
    -- Set where SPF or DKIM vouched for the sender.
    proven_at BIGINT,
    -- The projects that the reporter picked in the form, one id a line.
    chosen TEXT NOT NULL
);
CREATE INDEX reports_case ON reports (case_id);
CREATE INDEX reports_sender ON reports (from_folded, arrived_at);

CREATE TABLE attachments (
    arrival_id TEXT NOT NULL REFERENCES journal (id),
    part BIGINT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (arrival_id, part)
);

CREATE TABLE clocks (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    handling_id TEXT REFERENCES handlings (id),
    kind TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    -- How long it may run, pauses not counted.
    target BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    stopped_at BIGINT,
    -- How it ended, with stopped_at.
    ended_as TEXT,
    -- The letter whose sending stopped it; if that bounces, the clock runs again.
    stopped_by TEXT,
    -- The highest step of its ladder that was told, counted from the start; 0 is none.
    told BIGINT NOT NULL,
    -- When its ladder is to be looked at again; NULL is never.
    next_at BIGINT,
    paused_at BIGINT,
    paused_until BIGINT,
    paused_because TEXT,
    -- How long it was paused before.
    paused BIGINT NOT NULL
);
CREATE INDEX clocks_case ON clocks (case_id);
CREATE INDEX clocks_running ON clocks (due_at, id) WHERE stopped_at IS NULL;
CREATE INDEX clocks_next ON clocks (next_at, id) WHERE stopped_at IS NULL AND next_at IS NOT NULL;

-- What came after the report, and what members wrote: in a lane of a case, or held for a member.
CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    -- NULL for held mail that belongs to no case.
    case_id TEXT REFERENCES cases (id),
    -- NULL while held.
    lane TEXT,
    handling_id TEXT REFERENCES handlings (id),
    party_id TEXT REFERENCES parties (id),
    -- NULL for words typed on a page.
    arrival_id TEXT UNIQUE REFERENCES journal (id),
    at BIGINT NOT NULL,
    author TEXT NOT NULL,
    from_name TEXT,
    from_address TEXT,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    -- What the person wrote, without quotes and signature; NULL where it is all of the body.
    words TEXT,
    proof TEXT NOT NULL,
    -- The message of another lane that it passes on.
    passed_on_from TEXT,
    held_at BIGINT,
    held_because TEXT,
    -- When a member decided about held mail, and what.
    decided_at BIGINT,
    decided_by TEXT,
    decision TEXT
);
CREATE INDEX messages_case ON messages (case_id);
CREATE INDEX messages_held ON messages (held_at) WHERE held_at IS NOT NULL AND decided_at IS NULL;

-- Addresses and links that we issued: the fingerprint to find the row by, never the token.
CREATE TABLE links (
    fingerprint TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    row_id TEXT NOT NULL,
    generation BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT
);
CREATE INDEX links_row ON links (row_id);

-- The outbox. Bytes are frozen when written and erased once settled.
CREATE TABLE letters (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    case_id TEXT REFERENCES cases (id),
    handling_id TEXT REFERENCES handlings (id),
    party_id TEXT REFERENCES parties (id),
    -- The message whose words it carries.
    said_in TEXT REFERENCES messages (id),
    recipient TEXT NOT NULL,
    -- To count by: lower case, and the domain alone.
    recipient_folded TEXT NOT NULL,
    recipient_domain TEXT NOT NULL,
    message_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    bytes BYTEA,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Not before this moment: the hold at first, the next try later.
    due_at BIGINT NOT NULL,
    claimed_by TEXT,
    tries BIGINT NOT NULL,
    first_deferred_at BIGINT,
    settled_at BIGINT,
    sent_at BIGINT,
    refused_at BIGINT,
    withdrawn_at BIGINT,
    -- RFC 3463 status of a refusal.
    status TEXT,
    -- The relay's last answer.
    answer TEXT
);
CREATE INDEX letters_due ON letters (due_at, id) WHERE settled_at IS NULL;
CREATE INDEX letters_settled ON letters (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX letters_refused ON letters (refused_at) WHERE refused_at IS NOT NULL;
CREATE INDEX letters_case ON letters (case_id);
CREATE INDEX letters_handling ON letters (handling_id) WHERE handling_id IS NOT NULL;
CREATE INDEX letters_recipient ON letters (recipient_folded, created_at);
CREATE INDEX letters_domain ON letters (recipient_domain, created_at);
CREATE INDEX letters_kind ON letters (kind, created_at);
CREATE INDEX letters_claimed ON letters (claimed_by) WHERE claimed_by IS NOT NULL;

-- The record: one hash chain per case. Ids, kinds and times; no text, no address.
CREATE TABLE events (
    case_id TEXT NOT NULL REFERENCES cases (id),
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (case_id, sequence)
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ended_at BIGINT
);

-- Nodes on one PostgreSQL: a beat that stands still frees the claims of its boot.
CREATE TABLE nodes (
    claimer TEXT PRIMARY KEY,
    beat BIGINT NOT NULL
);

-- Facts of the whole house with their time: when the digest went out, when the mailbox was proven.
CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
