export { validation, type ValidationOptions } from "./validation.ts"
export type { SchemaIssue } from "./schema-issue.ts"
