export { validation, type ValidationOptions } from "./validation.ts"
