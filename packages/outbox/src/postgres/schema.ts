import { OutboxError } from "../errors.ts"
import type { Connection, Queryable } from "./connection.ts"

/**
 * The steps from an empty schema to the present one, in order. A step that was released is never changed.
 *
 * - `outbox_lane`: one for each origin, priority and era; pg-boss has a queue of its own for it (see lanes.ts).
 * - `outbox_entry`: the truth. `ticketed` is true while pg-boss has a ticket for it, waiting or taken.
 * - `outbox_body`: bodies, in pieces.
 * - `outbox_tally`: changes of the counts, which sum up to them; no row of it is ever waited for.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE outbox_lane (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin text NOT NULL,
    priority smallint NOT NULL,
    era integer NOT NULL,
    queue text NOT NULL,
    UNIQUE (origin, priority, era)
  );

  CREATE SEQUENCE outbox_position;

  CREATE TABLE outbox_entry (
    id uuid PRIMARY KEY,
    position bigint NOT NULL,
    state text NOT NULL,
    version integer NOT NULL,
    origin text NOT NULL,
    key text,
    ordering_key text,
    after_rejection text NOT NULL,
    priority smallint NOT NULL,
    added_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    due_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    wake_at bigint NOT NULL GENERATED ALWAYS AS (LEAST(due_at, expires_at)) STORED,
    tries integer NOT NULL,
    content bytea NOT NULL,
    body uuid,
    body_bytes bigint,
    result bytea,
    lane integer NOT NULL,
    ticketed boolean NOT NULL,
    lease uuid,
    lease_until bigint
  ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

  CREATE UNIQUE INDEX outbox_entry_key ON outbox_entry (key) WHERE key IS NOT NULL AND state <> 'discarded';
  CREATE INDEX outbox_entry_wake ON outbox_entry (lane, wake_at) WHERE state = 'waiting' AND ticketed;
  CREATE INDEX outbox_entry_expiry ON outbox_entry (expires_at) WHERE state = 'waiting' AND ticketed;
  CREATE INDEX outbox_entry_lease ON outbox_entry (lease_until) WHERE state = 'sending';
  CREATE INDEX outbox_entry_order ON outbox_entry (ordering_key, position)
    WHERE ordering_key IS NOT NULL AND (state IN ('waiting', 'sending')
      OR (state IN ('rejected', 'expired') AND after_rejection = 'hold'));
  CREATE INDEX outbox_entry_holder ON outbox_entry (ordering_key) WHERE ordering_key IS NOT NULL AND ticketed;
  CREATE INDEX outbox_entry_state ON outbox_entry (state, id);
  CREATE INDEX outbox_entry_settled ON outbox_entry (changed_at)
    WHERE state IN ('delivered', 'rejected', 'expired', 'discarded');

  CREATE TABLE outbox_body (
    id uuid NOT NULL,
    piece integer NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (id, piece)
  );
  ALTER TABLE outbox_body ALTER COLUMN bytes SET STORAGE EXTERNAL;

  CREATE TABLE outbox_tally (
    origin text NOT NULL,
    state text NOT NULL,
    entries bigint NOT NULL,
    body_bytes bigint NOT NULL
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

  CREATE FUNCTION outbox_tally_added() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
  BEGIN
    INSERT INTO outbox_tally SELECT origin, state, count(*), coalesce(sum(body_bytes), 0) FROM after GROUP BY 1, 2;
    RETURN NULL;
  END $$;
  CREATE FUNCTION outbox_tally_removed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
  BEGIN
    INSERT INTO outbox_tally SELECT origin, state, -count(*), -coalesce(sum(body_bytes), 0) FROM before GROUP BY 1, 2;
    RETURN NULL;
  END $$;
  CREATE FUNCTION outbox_tally_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
  BEGIN
    INSERT INTO outbox_tally
    SELECT origin, state, sum(entries), sum(bytes) FROM (
      SELECT origin, state, 1 AS entries, coalesce(body_bytes, 0) AS bytes FROM after
      UNION ALL SELECT origin, state, -1, -coalesce(body_bytes, 0) FROM before
    ) change GROUP BY 1, 2 HAVING sum(entries) <> 0 OR sum(bytes) <> 0;
    RETURN NULL;
  END $$;

  CREATE TRIGGER outbox_tally_added AFTER INSERT ON outbox_entry REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_tally_added();
  CREATE TRIGGER outbox_tally_removed AFTER DELETE ON outbox_entry REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_tally_removed();
  CREATE TRIGGER outbox_tally_changed AFTER UPDATE ON outbox_entry REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_tally_changed();
  `,
]

/** Creates the schema and brings it to the present version; processes that open it at once wait for each other. */
export async function migrate(connection: Connection, schema: string): Promise<void> {
  await connection.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`steadfetch outbox ${schema}`])
    await tx.query(`SET LOCAL search_path TO ${schema}`)
    const version = await presentVersion(tx, schema)
    if (version > migrations.length) throw newer(connection, schema, version)
    if (version === migrations.length) return
    for (const step of migrations.slice(version)) await tx.query(step)
    await tx.query("UPDATE outbox_schema SET version = $1", [migrations.length])
  })
}

async function presentVersion(tx: Queryable, schema: string): Promise<number> {
  const exists = await tx.query("SELECT to_regclass($1) IS NOT NULL AS yes", [`${schema}.outbox_schema`])
  if (exists.rows[0]?.["yes"] !== true) {
    // Asked first: who may not create a schema may still use one that was made for it.
    const made = await tx.query("SELECT to_regnamespace($1) IS NOT NULL AS yes", [schema])
    if (made.rows[0]?.["yes"] !== true) await tx.query(`CREATE SCHEMA ${schema}`)
    await tx.query("CREATE TABLE outbox_schema (version integer NOT NULL)")
    await tx.query("INSERT INTO outbox_schema VALUES (0)")
  }
  const { rows } = await tx.query("SELECT version FROM outbox_schema")
  return Number(rows[0]?.["version"])
}

function newer(connection: Connection, schema: string, version: number): OutboxError {
  return new OutboxError(
    "newer",
    `${connection.name}: the schema ${schema} is of version ${version}, and this @steadfetch/outbox knows ${migrations.length}: update it`,
  )
}
