/** The first layout. */
export const layout = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  created_at TEXT NOT NULL,
  linked INTEGER NOT NULL,
  wanted INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  state_since TEXT NOT NULL,
  user TEXT
) WITHOUT ROWID;
CREATE INDEX sessions_by_age ON sessions (created_at, id);
CREATE INDEX sessions_resumable ON sessions (id) WHERE wanted = 1 AND linked = 1;

CREATE TABLE auth (
  session TEXT NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (session, type, id)
);

CREATE TABLE chats (
  session TEXT NOT NULL,
  id TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  unread INTEGER NOT NULL,
  name TEXT,
  archived INTEGER NOT NULL,
  pin INTEGER,
  mute INTEGER,
  ephemeral_expiration INTEGER,
  ephemeral_setting_timestamp INTEGER,
  labels TEXT NOT NULL,
  PRIMARY KEY (session, id)
) WITHOUT ROWID;
CREATE INDEX chats_by_age ON chats (session, timestamp, id);

CREATE TABLE contacts (
  n INTEGER PRIMARY KEY,
  session TEXT NOT NULL,
  phone TEXT,
  lid TEXT,
  name TEXT,
  short_name TEXT,
  push_name TEXT,
  verified_name TEXT,
  UNIQUE (session, phone),
  UNIQUE (session, lid)
);

-- n is the order of storing. body is JSON of what no query asks for; raw comes last, so that lists never touch its pages.
CREATE TABLE messages (
  n INTEGER PRIMARY KEY,
  session TEXT NOT NULL,
  chat TEXT NOT NULL,
  id TEXT NOT NULL,
  sender TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  body TEXT NOT NULL,
  raw BLOB,
  UNIQUE (session, chat, id, sender)
);
CREATE INDEX messages_by_age ON messages (session, chat, timestamp);
CREATE INDEX messages_own ON messages (session, id) WHERE sender = '';

-- Which messages name a person under a LID, so that they are found when the phone behind it becomes known.
CREATE TABLE lid_traces (
  message INTEGER NOT NULL,
  lid TEXT NOT NULL,
  session TEXT NOT NULL,
  PRIMARY KEY (message, lid)
) WITHOUT ROWID;
CREATE INDEX lid_traces_by_lid ON lid_traces (session, lid);

CREATE TABLE groups (
  session TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  raw TEXT NOT NULL,
  UNIQUE (session, id)
);

-- A position is never given twice: a lane that has read up to one must not miss the next.
CREATE TABLE outbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  session TEXT NOT NULL,
  id TEXT NOT NULL,
  chat TEXT NOT NULL,
  content TEXT NOT NULL,
  accepted_at INTEGER NOT NULL,
  UNIQUE (session, id)
);
CREATE INDEX outbox_in_order ON outbox (session, position);
`
