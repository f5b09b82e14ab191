-- A case that tells of the same flaw as another one; it is closed, and its reporters never hear of the other's.
CREATE TABLE duplicates (
    case_id TEXT PRIMARY KEY REFERENCES cases (id),
    of_case_id TEXT NOT NULL REFERENCES cases (id),
    at BIGINT NOT NULL
);
CREATE INDEX duplicates_of ON duplicates (of_case_id);

-- Which letters carry the words of one message: their delivery stands under it, and they are stopped together.
CREATE INDEX letters_said_in ON letters (said_in) WHERE said_in IS NOT NULL;
