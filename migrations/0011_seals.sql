-- What each entry of the record changed, and the chain of seals over the records of all cases.

-- The rows as they stood after the change, as JSON: ids, words, times and salted hashes, no text and no address. Part of
-- the entry's hash.
ALTER TABLE events ADD COLUMN changed TEXT;

-- The ends of records that no seal names yet, one for each transaction that added to one.
CREATE TABLE unsealed (
    case_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (case_id, sequence)
);
INSERT INTO unsealed (case_id, sequence, hash)
SELECT e.case_id, e.sequence, e.hash FROM events e
WHERE e.sequence = (SELECT MAX(last.sequence) FROM events last WHERE last.case_id = e.case_id);

CREATE TABLE seals (
    -- From 1, without a gap.
    number BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);

-- The end of each record that had grown when it was sealed. No reference to the case: a seal outlives a removed one.
CREATE TABLE sealed_cases (
    seal BIGINT NOT NULL REFERENCES seals (number),
    case_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (seal, case_id)
);
CREATE INDEX sealed_cases_case ON sealed_cases (case_id, sequence);

-- Who looked at what or took it along, in batches, outside of the record. Erased after two years.
CREATE TABLE viewings (
    id TEXT PRIMARY KEY,
    -- The address of the member.
    member TEXT NOT NULL,
    -- page, original, file or list.
    what TEXT NOT NULL,
    -- NULL for lists, and for mail of no case.
    case_id TEXT,
    arrival_id TEXT,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    times BIGINT NOT NULL
);
CREATE INDEX viewings_last ON viewings (last_at, id);

-- A member who opened very much within a minute.
CREATE TABLE bulk_readings (
    id TEXT PRIMARY KEY,
    -- The address of the member.
    member TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX bulk_readings_at ON bulk_readings (at);
