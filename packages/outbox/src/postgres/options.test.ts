import { Pool } from "pg"
import { expect, test } from "vitest"
import type { PostgresOptions } from "./options.ts"
import { postgres } from "./postgres.ts"

const url = "postgresql://me:hunter2@db.example.com/orders"

const refused: readonly [what: unknown, message: string][] = [
  [{}, "postgres() takes either pool, a Pool of node-postgres, or connectionString"],
  [{ pool: new Pool(), connectionString: url }, "postgres() takes either pool, a Pool of node-postgres, or connectionString"], // prettier-ignore
  [{ pool: {} }, "pool is an object; it must be a Pool of node-postgres"],
  [{ pool: 17 }, "pool is 17; it must be a Pool of node-postgres"],
  [{ pool: new Pool({ max: 2 }) }, "the pool has 2 connections at most; the outbox needs 3: raise its max"],
  [{ pool: new Pool(), connections: 5 }, "connections and ssl are the pool's own: give them to the Pool"],
  [{ pool: new Pool(), ssl: true }, "connections and ssl are the pool's own: give them to the Pool"],
  [{ connectionString: "" }, 'connectionString must be a URL such as "postgresql://user@host:5432/database"'],
  [{ connectionString: 17 }, 'connectionString must be a URL such as "postgresql://user@host:5432/database"'],
  [{ connectionString: "mysql://me:hunter2@db/x" }, 'connectionString must be a URL such as "postgresql://user@host:5432/database"'], // prettier-ignore
  [{ connectionString: url, connections: 2 }, "connections is 2; it must be a whole number of at least 3"],
  [{ connectionString: url, connections: 3.5 }, "connections is 3.5; it must be a whole number of at least 3"],
  [{ connectionString: url, connections: Number.NaN }, "connections is null; it must be a whole number of at least 3"],
  ...["", "Outbox", "a-b", "1a", 'a"b', "x".repeat(51), 17, null].map((schema): [unknown, string] => [
    { connectionString: url, schema },
    `schema is ${JSON.stringify(schema)}; it must be a name of at most 50 lower-case letters, digits and underscores, such as "steadfetch_outbox"`,
  ]),
]

test.each(refused)("options that cannot be meant are refused, with the fix: %j", (options, message) => {
  expect(() => postgres(options as PostgresOptions)).toThrow(message)
})

test("a store is called by its host and database, without the credentials", () => {
  expect(postgres({ connectionString: url }).name).toBe("PostgreSQL db.example.com/orders")
  expect(postgres({ pool: new Pool({ connectionString: url }) }).name).toBe("PostgreSQL db.example.com/orders")
  expect(postgres({ pool: new Pool({ host: "db", database: "orders", password: "hunter2" }) }).name).toBe("PostgreSQL db/orders") // prettier-ignore
})

test("a connection string that cannot be read is not shown, for it may hold a password", () => {
  const make = (): unknown => postgres({ connectionString: "postgresql://me:hunter2@[::1/orders" })
  expect(make).toThrow(/^connectionString cannot be read; it must be a URL such as "postgresql:/)
  expect(make).not.toThrow(/hunter2/)
})
