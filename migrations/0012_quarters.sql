-- The board's report on each quarter, by its due month: 2026-09. Its figures are made from the other tables until the
-- chair approves them; then they stand here as they were sent.
CREATE TABLE quarters (
    month TEXT PRIMARY KEY,
    activities TEXT NOT NULL,
    challenges TEXT NOT NULL,
    budget TEXT NOT NULL,
    -- Grows with every change of the texts: the chair approves what was seen, or nothing.
    version BIGINT NOT NULL,
    edited_at BIGINT,
    -- The address of the member.
    edited_by TEXT,
    -- When members were told of the draft, reminded of it, and the board that it is late.
    drafted_at BIGINT,
    reminded_at BIGINT,
    told_late_at BIGINT,
    approved_at BIGINT,
    -- The address of the chair.
    approved_by TEXT,
    -- As JSON, set with approved_at.
    figures TEXT
);

-- The letters by which the board got it.
CREATE TABLE quarter_letters (
    month TEXT NOT NULL REFERENCES quarters (month),
    letter_id TEXT NOT NULL REFERENCES letters (id),
    PRIMARY KEY (month, letter_id)
);

-- How much of a day's quarantine was erased: the mails are gone, and the quarter still counts them.
CREATE TABLE quarantine_erased (
    batch TEXT PRIMARY KEY,
    mails BIGINT NOT NULL
);

CREATE INDEX cases_arrived ON cases (arrived_at);
CREATE INDEX clocks_started ON clocks (started_at);
CREATE INDEX events_escalated ON events (at) WHERE kind = 'escalated';
CREATE INDEX quarter_letters_letter ON quarter_letters (letter_id);
