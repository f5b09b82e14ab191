-- The contacts of each project with their proofs. The file's are the first ones; once a project is in
-- contact_owners, the rows here are its contacts and the file's are not asked any more.
CREATE TABLE contacts (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    address TEXT NOT NULL,
    -- To look up by: lower case, and the domain alone.
    address_folded TEXT NOT NULL,
    domain TEXT NOT NULL,
    name TEXT,
    delivery TEXT NOT NULL,
    list_at BIGINT,
    deputy_at BIGINT,
    -- One absence a line, as in the file.
    away TEXT NOT NULL,
    hours TEXT,
    zone TEXT,
    pgp_key TEXT,
    listed_at BIGINT NOT NULL,
    proven_at BIGINT,
    -- Questions since the last proof.
    asks BIGINT NOT NULL,
    asked_at BIGINT,
    runs_out_at BIGINT,
    told_at BIGINT,
    -- Since the last proof.
    bounces BIGINT NOT NULL,
    bounced_at BIGINT,
    -- When the sweep looks again.
    next_at BIGINT NOT NULL,
    removed_at BIGINT
);
CREATE UNIQUE INDEX contacts_current ON contacts (project_id, address_folded) WHERE removed_at IS NULL;
CREATE INDEX contacts_address ON contacts (address_folded) WHERE removed_at IS NULL;
CREATE INDEX contacts_next ON contacts (next_at, id) WHERE removed_at IS NULL;

-- Projects whose contacts are in the rows above and no longer in the file.
CREATE TABLE contact_owners (
    project_id TEXT PRIMARY KEY,
    owned_at BIGINT NOT NULL
);

-- Grows with every change of contacts that the directory shows, so that each node notices.
CREATE TABLE contact_versions (
    name TEXT PRIMARY KEY,
    version BIGINT NOT NULL
);

-- Changes that somebody asked for, waiting and settled.
CREATE TABLE contact_changes (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The contact that is replaced, changed or removed.
    contact_id TEXT,
    -- As typed, where it is no contact's.
    old_address TEXT,
    -- Who asked: form, contact, import.
    asked_through TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    note TEXT,
    asked_at BIGINT NOT NULL,
    -- The contact as it is to be; NULL for a removal.
    address TEXT,
    address_folded TEXT,
    name TEXT,
    delivery TEXT,
    list_at BIGINT,
    deputy_at BIGINT,
    away TEXT NOT NULL,
    hours TEXT,
    zone TEXT,
    pgp_key TEXT,
    -- Set where a contact's own link asked for it.
    itself_at BIGINT,
    proven_at BIGINT,
    -- When the sweep looks again; NULL where only somebody's act moves it.
    next_at BIGINT,
    -- The committee was told that it is for members to decide.
    told_at BIGINT,
    settled_at BIGINT,
    -- done, refused, expired.
    outcome TEXT,
    ground TEXT
);
CREATE INDEX contact_changes_waiting ON contact_changes (project_id, asked_at) WHERE settled_at IS NULL;
CREATE INDEX contact_changes_next ON contact_changes (next_at, id) WHERE settled_at IS NULL AND next_at IS NOT NULL;
CREATE INDEX contact_changes_settled ON contact_changes (settled_at) WHERE settled_at IS NOT NULL;

-- What members and old contacts said about a change; of each the last word counts.
CREATE TABLE contact_voices (
    change_id TEXT NOT NULL REFERENCES contact_changes (id),
    -- `member` or `contact`, and the member's address or the contact's id.
    speaker TEXT NOT NULL,
    speaker_id TEXT NOT NULL,
    -- for, against.
    word TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (change_id, speaker, speaker_id)
);

-- The letters that told the old contacts of a change.
CREATE TABLE contact_notices (
    change_id TEXT NOT NULL REFERENCES contact_changes (id),
    letter_id TEXT NOT NULL REFERENCES letters (id),
    PRIMARY KEY (change_id, letter_id)
);

-- The domains of contacts, looked up once a day.
CREATE TABLE contact_domains (
    domain TEXT PRIMARY KEY,
    looked_at BIGINT NOT NULL,
    -- Since when it takes no mail; stays until a member says otherwise, for whoever registers it next is a stranger.
    gone_at BIGINT,
    gone_because TEXT,
    -- It takes mail again, and a member has not decided yet.
    back_at BIGINT
);
