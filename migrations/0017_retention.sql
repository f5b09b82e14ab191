-- What of closed cases was erased, and what the last comparisons of the record came to.

-- When the original mail and files of a closed case were erased, and when all that people wrote in it was.
ALTER TABLE cases ADD COLUMN originals_erased_at BIGINT;
ALTER TABLE cases ADD COLUMN erased_at BIGINT;
CREATE INDEX cases_with_originals ON cases (closed_at) WHERE closed_at IS NOT NULL AND originals_erased_at IS NULL;
CREATE INDEX cases_not_erased ON cases (closed_at) WHERE closed_at IS NOT NULL AND erased_at IS NULL;

-- When the bytes of a message were erased.
ALTER TABLE journal ADD COLUMN erased_at BIGINT;
CREATE INDEX journal_case ON journal (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX journal_of_no_case ON journal (filed_at) WHERE case_id IS NULL AND filed_at IS NOT NULL;

-- What each `audit verify` came to.
CREATE TABLE audits (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    cases BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    findings BIGINT NOT NULL,
    -- The number of the last seal; NULL where there was none.
    seal BIGINT
);
CREATE INDEX audits_at ON audits (at, id);
