-- What a member did with many rows at once, so that it is done once and can be undone.
CREATE TABLE bulk_acts (
    -- Made with the form: a form that is sent twice is one act.
    id TEXT PRIMARY KEY,
    -- The word of `domain::bulk::BulkAct`, which says whether the items are cases or mails in quarantine.
    act TEXT NOT NULL,
    -- The address of the member.
    member TEXT NOT NULL,
    at BIGINT NOT NULL,
    undone_at BIGINT,
    undone_by TEXT
);
CREATE INDEX bulk_acts_at ON bulk_acts (at);

-- A row each for the ticked cases or mails. A mail may be erased before its line here is.
CREATE TABLE bulk_items (
    bulk_id TEXT NOT NULL REFERENCES bulk_acts (id),
    number BIGINT NOT NULL,
    -- The id of a case, or of an arrival.
    item TEXT NOT NULL,
    done_at BIGINT,
    -- Why nothing was done with it.
    left_because TEXT,
    -- How a case stood before, for undoing: its state and why it waited.
    state_before TEXT,
    waited_because TEXT,
    -- What a released mail became.
    case_id TEXT,
    undone_at BIGINT,
    -- Why it was not undone with the others.
    stays_because TEXT,
    PRIMARY KEY (bulk_id, item)
);

-- A row each for the senders whom the act warned or voted to ban.
CREATE TABLE bulk_senders (
    bulk_id TEXT NOT NULL REFERENCES bulk_acts (id),
    address TEXT NOT NULL,
    letter_id TEXT,
    ban_id TEXT,
    -- Why this sender was not warned or banned.
    refused TEXT,
    -- Set by undoing: whether the warning had left by then.
    undone_at BIGINT,
    had_left_at BIGINT,
    PRIMARY KEY (bulk_id, address)
);

-- A warning that was a mistake counts no more; what has left stays with its sender.
ALTER TABLE warnings ADD COLUMN taken_back_at BIGINT;
