-- Forms that were taken, by the fingerprint of their stamp: a form that comes twice makes one report.
CREATE TABLE forms (
    stamp TEXT PRIMARY KEY,
    -- SHA-256 of all that was typed: another text under the same stamp is another report.
    words TEXT NOT NULL,
    arrival_id TEXT NOT NULL,
    taken_at BIGINT NOT NULL
);
CREATE INDEX forms_taken ON forms (taken_at);

-- Files attached to a form that is not taken yet: they wait while its errors are mended.
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    -- The fingerprint of the form's stamp.
    stamp TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- A file that is chosen once more after an error is the same file.
    UNIQUE (stamp, name, sha256)
);
CREATE INDEX uploads_at ON uploads (at);

-- Their bytes in rows of up to 256 KiB, written as they come in; without a row in uploads if that broke off.
CREATE TABLE upload_chunks (
    upload_id TEXT NOT NULL,
    chunk BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    size BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (upload_id, chunk)
);
CREATE INDEX upload_chunks_at ON upload_chunks (at);
