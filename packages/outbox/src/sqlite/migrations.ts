/**
 * What makes of a file of version n one of version n + 1, in order; never changed once published. `PRAGMA user_version` says
 * how many a file has had.
 *
 * An entry's `turn` says whether it may be taken: 0 no (settled, or behind others of its ordering key), 1 yes (once it is
 * due), 2 it is taken. `lane` is origin * 256 + 100 - priority: one number by which the entries of an origin are found, the
 * most important first. `in_line` is 1 for those that keep others of their ordering key waiting.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE origins (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state INTEGER NOT NULL,
    version INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    in_line INTEGER NOT NULL,
    key TEXT,
    ordering_key TEXT,
    skips INTEGER NOT NULL,
    added_at REAL NOT NULL,
    changed_at REAL NOT NULL,
    due_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    lease_until REAL,
    tries INTEGER NOT NULL,
    body_bytes INTEGER,
    content BLOB NOT NULL,
    result BLOB
  ) STRICT;
  CREATE UNIQUE INDEX entries_key ON entries (key) WHERE key IS NOT NULL AND state <> 5;
  CREATE INDEX entries_lane ON entries (lane, due_at) WHERE turn = 1;
  CREATE INDEX entries_expiry ON entries (expires_at) WHERE turn = 1;
  CREATE INDEX entries_lease ON entries (lease_until) WHERE turn = 2;
  CREATE INDEX entries_line ON entries (ordering_key, in_line) WHERE ordering_key IS NOT NULL;
  CREATE INDEX entries_turn ON entries (ordering_key) WHERE ordering_key IS NOT NULL AND turn > 0;
  CREATE INDEX entries_state ON entries (origin, state);
  CREATE INDEX entries_settled ON entries (state, changed_at) WHERE state >= 2;

  CREATE TABLE bodies (
    entry INTEGER PRIMARY KEY,
    bytes BLOB,
    file TEXT
  ) STRICT;
  CREATE INDEX bodies_file ON bodies (file) WHERE file IS NOT NULL;

  CREATE TABLE counts (
    origin INTEGER NOT NULL,
    state INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (origin, state)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE news (
    n INTEGER PRIMARY KEY,
    writer INTEGER NOT NULL,
    work INTEGER NOT NULL,
    ids TEXT NOT NULL
  ) STRICT;
  `,
]
