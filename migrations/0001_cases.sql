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
    closed_at BIGINT
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
    withdrawn_at BIGINT,
    UNIQUE (case_id, project_id)
);
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
    proven_at BIGINT
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
    due_at BIGINT NOT NULL,
    stopped_at BIGINT
);
CREATE INDEX clocks_case ON clocks (case_id);
CREATE INDEX clocks_running ON clocks (due_at, id) WHERE stopped_at IS NULL;

-- What came after the report: in a lane of a case, or held for a member.
CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    -- NULL for held mail that belongs to no case.
    case_id TEXT REFERENCES cases (id),
    -- NULL while held.
    lane TEXT,
    handling_id TEXT REFERENCES handlings (id),
    party_id TEXT REFERENCES parties (id),
    arrival_id TEXT NOT NULL UNIQUE REFERENCES journal (id),
    at BIGINT NOT NULL,
    from_name TEXT,
    from_address TEXT,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    proof TEXT NOT NULL,
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
