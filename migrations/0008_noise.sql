-- What kind of mail a case counts as, and whether a member has looked at it.

-- The word of what it looks like; NULL is a report. It only orders lists, and ends an unopened case's ladder at the chair.
ALTER TABLE cases ADD COLUMN noise TEXT;
-- When a member said so, and who, by address; NULL while the judge's word stands.
ALTER TABLE cases ADD COLUMN noise_said_at BIGINT;
ALTER TABLE cases ADD COLUMN noise_said_by TEXT;
-- When a member first opened the case or did anything with it.
ALTER TABLE cases ADD COLUMN seen_at BIGINT;

-- Open ones are listed after all others; there are few.
CREATE INDEX cases_noise ON cases (opened_at, id) WHERE noise IS NOT NULL AND state <> 'closed';
