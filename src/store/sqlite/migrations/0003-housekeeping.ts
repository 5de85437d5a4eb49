/** Device lists that outlive a restart. */
export const housekeeping = `
CREATE TABLE devices (
  session TEXT NOT NULL,
  user TEXT NOT NULL,
  value TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (session, user)
) WITHOUT ROWID;
CREATE INDEX devices_by_age ON devices (session, at);
`
