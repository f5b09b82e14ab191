-- Codes that are typed, sessions that can be told apart, what members chose for their pages, and conflicts of interest.

-- Sign-in letters that a page was asked for. The code in such a letter works in the browser that asked, and nowhere else.
CREATE TABLE sign_ins (
    -- The row of the link in the letter.
    id TEXT PRIMARY KEY,
    -- SHA-256 of the secret in the cookie of that browser.
    browser TEXT NOT NULL UNIQUE,
    asked_at BIGINT NOT NULL,
    -- Codes that were typed.
    tries BIGINT NOT NULL,
    -- The page to go to afterwards.
    back TEXT
);
CREATE INDEX sign_ins_asked ON sign_ins (asked_at);

-- "Firefox on Linux", from a fixed list of words.
ALTER TABLE sessions ADD COLUMN device TEXT;
CREATE INDEX sessions_email ON sessions (email) WHERE ended_at IS NULL;

-- What a member chose for their own pages.
CREATE TABLE choices (
    -- The member's address, in lower case.
    member TEXT PRIMARY KEY,
    -- A name of the time zone database; NULL is UTC.
    zone TEXT,
    -- Set where single keys do nothing.
    keys_off_at BIGINT
);

-- Cases that are kept from a member for a conflict of interest.
CREATE TABLE conflicts (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    -- The member's address, in lower case.
    member TEXT NOT NULL,
    declared_at BIGINT NOT NULL,
    -- The actor's word.
    declared_by TEXT NOT NULL,
    because TEXT NOT NULL,
    ended_at BIGINT,
    ended_by TEXT
);
CREATE UNIQUE INDEX conflicts_running ON conflicts (member, case_id) WHERE ended_at IS NULL;
CREATE INDEX conflicts_case ON conflicts (case_id);
