import { Client, Pool } from "pg"
import { Connection, type PostgresPool } from "./connection.ts"

export interface PostgresOptions {
  /** A `Pool` of node-postgres, of at least 3 connections, that others may use as well; it is not ended. */
  readonly pool?: PostgresPool
  /** Where the database is, in place of a pool: "postgresql://user:password@host:5432/database". */
  readonly connectionString?: string
  /** Connections of its own pool at most, at least 3. Default: 10. */
  readonly connections?: number
  /** TLS for its own pool, as node-postgres takes it: `true`, or the options of `tls.connect`. */
  readonly ssl?: boolean | object
  /** The schema in which the outbox and pg-boss have their tables. Default: "steadfetch_outbox". */
  readonly schema?: string
}

/** Listening takes one connection, what is asked for at the same time the others. */
const LEAST_CONNECTIONS = 3
const CONNECTING_MS = 10_000

/** @throws TypeError or RangeError that names the option and the fix */
export function checkSchema(schema: unknown): string {
  if (typeof schema === "string" && /^[a-z_][a-z0-9_]{0,49}$/.test(schema)) return schema
  throw new TypeError(
    `schema is ${shown(schema)}; it must be a name of at most 50 lower-case letters, digits and underscores, such as "steadfetch_outbox"`,
  )
}

/** @throws TypeError or RangeError that names the option and the fix */
export function connect(options: PostgresOptions): Connection {
  const { pool, connectionString, connections, ssl } = options
  if ((pool === undefined) === (connectionString === undefined)) {
    throw new TypeError("postgres() takes either pool, a Pool of node-postgres, or connectionString")
  }
  if (pool !== undefined) {
    if (connections !== undefined || ssl !== undefined) {
      throw new TypeError("connections and ssl are the pool's own: give them to the Pool")
    }
    checkPool(pool)
    return new Connection(nameOf(pool), pool, false)
  }
  return own(connectionString, connections, ssl)
}

function own(
  connectionString: unknown,
  connections: number | undefined,
  ssl: boolean | object | undefined,
): Connection {
  // Never shown: it may hold a password.
  if (typeof connectionString !== "string" || !/^postgres(?:ql)?:\/\//.test(connectionString)) {
    throw new TypeError('connectionString must be a URL such as "postgresql://user@host:5432/database"')
  }
  if (connections !== undefined && (!Number.isInteger(connections) || connections < LEAST_CONNECTIONS)) {
    throw new RangeError(
      `connections is ${shown(connections)}; it must be a whole number of at least ${LEAST_CONNECTIONS}`,
    )
  }
  const pool = new Pool({
    connectionString,
    max: connections ?? 10,
    ...(ssl !== undefined && { ssl }),
    application_name: "steadfetch-outbox",
    connectionTimeoutMillis: CONNECTING_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: CONNECTING_MS,
  })
  return new Connection(nameOf(pool), pool, true)
}

function checkPool(pool: unknown): void {
  const isPool = ["query", "connect", "on", "off"].every(
    (name) => typeof Reflect.get(Object(pool), name) === "function",
  )
  if (!isPool) throw new TypeError(`pool is ${shown(pool)}; it must be a Pool of node-postgres`)
  const max = settings(pool)["max"]
  if (typeof max === "number" && max < LEAST_CONNECTIONS) {
    throw new RangeError(
      `the pool has ${max} connections at most; the outbox needs ${LEAST_CONNECTIONS}: raise its max`,
    )
  }
}

/** Host and database, without credentials. */
function nameOf(pool: unknown): string {
  const { connectionString, ...given } = settings(pool)
  try {
    const client = new Client({ ...given, ...(typeof connectionString === "string" && { connectionString }) })
    return `PostgreSQL ${client.host}/${client.database ?? ""}`
  } catch {
    // Its cause would show the string, with the password.
    throw new TypeError(
      'connectionString cannot be read; it must be a URL such as "postgresql://user@host:5432/database"',
    )
  }
}

function settings(pool: unknown): Readonly<Record<string, unknown>> {
  const options: unknown = Reflect.get(Object(pool), "options")
  return typeof options === "object" && options !== null ? { ...options } : {}
}

function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? "an object" : (JSON.stringify(value) ?? typeof value)
}
