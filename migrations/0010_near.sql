-- By what a report is found again when another one tells of the same flaw: hashes under the key that lies outside of the
-- database. No word of a report can be read from them, and without the key no guess at one can be tried.
CREATE TABLE near_reports (
    report_id TEXT PRIMARY KEY REFERENCES reports (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    -- What it names: a byte for the kind and 8 of hash, for each.
    facts BYTEA NOT NULL,
    -- A sample of its words in their order: 128 hashes of 8 bytes, zero where the text is too short to fill the place.
    sketch BYTEA NOT NULL,
    shingles BIGINT NOT NULL
);
CREATE INDEX near_reports_case ON near_reports (case_id);

-- Those of the hashes that others are looked up by.
CREATE TABLE near_prints (
    print BIGINT NOT NULL,
    report_id TEXT NOT NULL REFERENCES near_reports (report_id),
    PRIMARY KEY (print, report_id)
);

-- Cases that seem to tell of the same flaw as an earlier one. Nothing follows from a row but a question to a member.
CREATE TABLE near_cases (
    case_id TEXT NOT NULL REFERENCES cases (id),
    like_case_id TEXT NOT NULL REFERENCES cases (id),
    found_at BIGINT NOT NULL,
    -- For the order of proposals.
    points BIGINT NOT NULL,
    -- One clause a line, with words of the report.
    reasons TEXT NOT NULL,
    -- A member says that they are not the same.
    dismissed_at BIGINT,
    -- The actor's word.
    dismissed_by TEXT,
    PRIMARY KEY (case_id, like_case_id)
);
CREATE INDEX near_cases_like ON near_cases (like_case_id);
