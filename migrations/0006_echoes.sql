-- By what an arrival's subject is recognized again: lower case, numbers as #, no reply prefixes.
ALTER TABLE journal ADD COLUMN subject_key TEXT;
CREATE INDEX journal_subject_key ON journal (subject_key, filed_at) WHERE subject_key IS NOT NULL;
