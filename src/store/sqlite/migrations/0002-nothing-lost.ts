/** The log of each session, the journal of decrypted ciphertexts, archived credentials, and what idempotent sends need. */
export const nothingLost = `
ALTER TABLE sessions ADD COLUMN secret TEXT NOT NULL DEFAULT '';
UPDATE sessions SET secret = lower(hex(randomblob(32)));

ALTER TABLE outbox ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET expires_at = accepted_at + 3600000;

CREATE TABLE events (
  session TEXT NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  chat TEXT,
  data TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (session, seq)
) WITHOUT ROWID;

-- The last seq of each session, which outlives the session and the entries themselves.
CREATE TABLE heads (session TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE journal (
  n INTEGER PRIMARY KEY,
  session TEXT NOT NULL,
  hash TEXT NOT NULL,
  message TEXT NOT NULL,
  at INTEGER NOT NULL,
  plaintext BLOB NOT NULL,
  open BLOB,
  UNIQUE (session, hash)
);
CREATE INDEX journal_by_message ON journal (session, message);
CREATE INDEX journal_by_age ON journal (session, at);
CREATE INDEX journal_open ON journal (session, n) WHERE open IS NOT NULL;

CREATE TABLE archived_auth (
  session TEXT NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  value TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (session, type, id)
);
`
