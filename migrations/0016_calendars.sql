-- The calendars of members, followed by a secret link each, and who looked at a case when.

CREATE TABLE calendars (
    -- The address of the member, in lower case.
    member TEXT PRIMARY KEY,
    -- Raised with each new link, which ends the one before.
    generation BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    -- When the member ended it; NULL while the link works.
    ended_at BIGINT
);

CREATE INDEX viewings_member ON viewings (member, case_id, last_at) WHERE case_id IS NOT NULL;
