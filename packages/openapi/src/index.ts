export { openapi, type CallTo, type MethodsOfClient, type OpenApi } from "./openapi.ts"
export { clientOptions, type OpenApiOptions } from "./client-options.ts"
export { describe } from "./describe.ts"
export type {
  Description,
  ValueStyle,
  OperationFacts,
  SchemeFacts,
  SchemeKind,
  SecurityFacts,
  ServerFacts,
  ServerVariable,
} from "./description.ts"
export type { AuthOptions, CredentialFor, RenewedToken, Secret, UserAndPassword } from "./credentials.ts"
export type { HttpMethod, JsonReplyType, JsonType, Operation, PathsWith } from "./operations.ts"
export type { DeclaredOptions, Given, PlainOptions } from "./typed-options.ts"
export type {
  AcceptedReply,
  SuccessBody,
  TypedCall,
  TypedNoReply,
  TypedOutcome,
  TypedRefusal,
  TypedServerFailure,
  TypedSuccess,
} from "./typed-replies.ts"
