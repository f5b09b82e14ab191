-- Projects that somebody proposes for projects.toml. Members see one once a mailbox that it names has proven itself.
CREATE TABLE proposals (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    note TEXT,
    -- One [[project]], as projects.toml would have it.
    entry TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    proven_at BIGINT,
    settled_at BIGINT,
    -- listed, or why it was declined.
    outcome TEXT,
    -- The address of the member.
    settled_by TEXT
);
CREATE INDEX proposals_asked ON proposals (asked_at);
CREATE INDEX proposals_waiting ON proposals (proven_at) WHERE settled_at IS NULL AND proven_at IS NOT NULL;
CREATE INDEX proposals_settled ON proposals (settled_at) WHERE settled_at IS NOT NULL;

-- The contacts that a proposal names, in its order.
CREATE TABLE proposal_contacts (
    proposal_id TEXT NOT NULL REFERENCES proposals (id),
    place BIGINT NOT NULL,
    address TEXT NOT NULL,
    proven_at BIGINT,
    refused_at BIGINT,
    PRIMARY KEY (proposal_id, place)
);
