export type { PostgresOptions } from "./options.ts"
export type { PooledClient, PostgresPool, Queryable, Row } from "./connection.ts"
export { postgres } from "./postgres.ts"
