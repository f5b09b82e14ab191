-- What a reporter is asked, and what a reporter takes back.

-- A contact says that the reporter was answered outside of this program; only the reporter knows.
CREATE TABLE said_answered (
    handling_id TEXT PRIMARY KEY REFERENCES handlings (id),
    said_at BIGINT NOT NULL,
    replied_at BIGINT,
    -- `yes` or `not-yet`.
    reply TEXT
);

CREATE TABLE withdrawals (
    party_id TEXT PRIMARY KEY REFERENCES parties (id),
    at BIGINT NOT NULL
);
