/** One order over the logs of all sessions. */
export const oneLog = `
-- place is the order of writing over all sessions. It is never given twice, since the newest entry of each session always stays.
CREATE TABLE log (
  place INTEGER PRIMARY KEY,
  session TEXT NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  chat TEXT,
  data TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (session, seq)
);
INSERT INTO log (session, seq, id, type, chat, data, at) SELECT session, seq, id, type, chat, data, at FROM events ORDER BY at, session, seq;
DROP TABLE events;
ALTER TABLE log RENAME TO events;

-- The place of the newest entry that retention removed.
CREATE TABLE removed (n INTEGER PRIMARY KEY CHECK (n = 1), place INTEGER NOT NULL);
INSERT INTO removed VALUES (1, 0);
`
