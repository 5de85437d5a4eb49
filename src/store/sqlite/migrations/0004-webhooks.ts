/** Webhooks, how far each has come in each log, and what became of each delivery. */
export const webhooks = `
CREATE TABLE webhooks (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX webhooks_by_age ON webhooks (created_at, id);

-- Like the log, they outlive the session.
CREATE TABLE webhook_cursors (
  session TEXT NOT NULL,
  webhook TEXT NOT NULL,
  seq INTEGER NOT NULL,
  failing_since INTEGER,
  succeeded_at INTEGER,
  PRIMARY KEY (session, webhook)
) WITHOUT ROWID;

-- n is the order of first attempts.
CREATE TABLE deliveries (
  n INTEGER PRIMARY KEY,
  session TEXT NOT NULL,
  webhook TEXT NOT NULL,
  seq INTEGER NOT NULL,
  event TEXT NOT NULL,
  type TEXT NOT NULL,
  chat TEXT,
  state TEXT NOT NULL,
  apart INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  step INTEGER NOT NULL,
  next_at INTEGER,
  status INTEGER,
  error TEXT,
  at INTEGER NOT NULL,
  duration_ms INTEGER,
  UNIQUE (session, webhook, seq)
);
CREATE INDEX deliveries_by_state ON deliveries (webhook, state, n);
CREATE INDEX deliveries_of_session ON deliveries (session, webhook, state, n);
CREATE INDEX deliveries_apart ON deliveries (session, webhook, next_at, seq) WHERE apart = 1;
`
