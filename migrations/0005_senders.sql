-- Suspected spam, what one sender sent too much of, and mail of banned senders: no case, no answer. Erased only once
-- a member has seen it and 30 days have gone by.
CREATE TABLE quarantine (
    arrival_id TEXT PRIMARY KEY REFERENCES journal (id),
    arrived_at BIGINT NOT NULL,
    quarantined_at BIGINT NOT NULL,
    -- The day it came in here, 2026-11-20 in UTC: members look at a day at a time.
    batch TEXT NOT NULL,
    -- banned, too-many, suspected or form.
    kind TEXT NOT NULL,
    -- The lower, the less certain that nobody misses it.
    score BIGINT NOT NULL,
    -- One sentence a line.
    reasons TEXT NOT NULL,
    from_name TEXT,
    from_address TEXT,
    -- To count by: lower case.
    from_folded TEXT,
    from_domain TEXT,
    proof TEXT NOT NULL,
    -- Set where SPF or DKIM vouched for the sender.
    proven_at BIGINT,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    seen_at BIGINT,
    -- The address of the member.
    seen_by TEXT,
    released_at BIGINT,
    -- The address of the member, or `operator`.
    released_by TEXT,
    case_id TEXT REFERENCES cases (id)
);
CREATE INDEX quarantine_batch ON quarantine (batch, score, arrival_id) WHERE released_at IS NULL;
CREATE INDEX quarantine_unseen ON quarantine (score, arrival_id) WHERE released_at IS NULL AND seen_at IS NULL;
CREATE INDEX quarantine_seen ON quarantine (quarantined_at) WHERE released_at IS NULL AND seen_at IS NOT NULL;
CREATE INDEX quarantine_sender ON quarantine (from_folded, arrived_at);
CREATE INDEX quarantine_domain ON quarantine (from_domain, arrived_at);

-- M8, each to one authenticated address.
CREATE TABLE warnings (
    letter_id TEXT PRIMARY KEY REFERENCES letters (id),
    address TEXT NOT NULL,
    address_folded TEXT NOT NULL,
    domain TEXT NOT NULL,
    warned_at BIGINT NOT NULL,
    -- The address of the member.
    warned_by TEXT NOT NULL
);
CREATE INDEX warnings_address ON warnings (address_folded, warned_at);
CREATE INDEX warnings_domain ON warnings (domain, warned_at);

-- Proposed by a member, in force once the chair or a second member has voted.
CREATE TABLE bans (
    id TEXT PRIMARY KEY,
    -- An address in lower case, or a domain.
    target TEXT NOT NULL,
    proposed_at BIGINT NOT NULL,
    banned_at BIGINT,
    until_at BIGINT,
    -- Lifted, or found to have run out when it was in the way of another.
    ended_at BIGINT,
    -- The address of the member, `operator` or `time`.
    ended_by TEXT
);
CREATE UNIQUE INDEX bans_target ON bans (target) WHERE ended_at IS NULL;

CREATE TABLE ban_votes (
    ban_id TEXT NOT NULL REFERENCES bans (id),
    member TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (ban_id, member)
);

-- What banned senders say against it; a member reads it, and nothing happens by itself.
CREATE TABLE appeals (
    ban_id TEXT NOT NULL REFERENCES bans (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (ban_id, number)
);
