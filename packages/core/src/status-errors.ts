import { ClientError, ServerError } from "./errors.ts"
import { STATUS_NAMES, statusDigit } from "./status.ts"
import { nameErrors } from "./steadfetch-error.ts"

/** The class of an error with a status. */
export type StatusErrorClass = typeof ClientError | typeof ServerError

const classes = new Map<number, typeof ClientError>()

/** The class of error for a status: "Not Found" has NotFoundError; its class's own where none is registered. */
export function statusErrorClass(status: number): StatusErrorClass {
  return statusDigit(status) === 4 ? registered(status, ClientError) : registered(status, ServerError)
}

/** Made from the registry when it is first asked for, so that bundles hold the names once. */
function registered(status: number, Base: typeof ClientError): typeof ClientError {
  const name = STATUS_NAMES[status]
  // 418 is registered as "(Unused)".
  if (name === undefined || name.startsWith("(")) return Base
  const known = classes.get(status)
  if (known !== undefined) return known
  const type = class extends Base {}
  nameErrors(type, `${name.replace(/\W|Error$/g, "")}Error`)
  classes.set(status, type)
  return type
}

export type BadRequestError = ClientError
export const BadRequestError: typeof ClientError = /* @__PURE__ */ registered(400, ClientError)
export type UnauthorizedError = ClientError
export const UnauthorizedError: typeof ClientError = /* @__PURE__ */ registered(401, ClientError)
export type PaymentRequiredError = ClientError
export const PaymentRequiredError: typeof ClientError = /* @__PURE__ */ registered(402, ClientError)
export type ForbiddenError = ClientError
export const ForbiddenError: typeof ClientError = /* @__PURE__ */ registered(403, ClientError)
export type NotFoundError = ClientError
export const NotFoundError: typeof ClientError = /* @__PURE__ */ registered(404, ClientError)
export type MethodNotAllowedError = ClientError
export const MethodNotAllowedError: typeof ClientError = /* @__PURE__ */ registered(405, ClientError)
export type NotAcceptableError = ClientError
export const NotAcceptableError: typeof ClientError = /* @__PURE__ */ registered(406, ClientError)
export type ProxyAuthenticationRequiredError = ClientError
export const ProxyAuthenticationRequiredError: typeof ClientError = /* @__PURE__ */ registered(407, ClientError)
export type RequestTimeoutError = ClientError
export const RequestTimeoutError: typeof ClientError = /* @__PURE__ */ registered(408, ClientError)
export type ConflictError = ClientError
export const ConflictError: typeof ClientError = /* @__PURE__ */ registered(409, ClientError)
export type GoneError = ClientError
export const GoneError: typeof ClientError = /* @__PURE__ */ registered(410, ClientError)
export type LengthRequiredError = ClientError
export const LengthRequiredError: typeof ClientError = /* @__PURE__ */ registered(411, ClientError)
export type PreconditionFailedError = ClientError
export const PreconditionFailedError: typeof ClientError = /* @__PURE__ */ registered(412, ClientError)
export type ContentTooLargeError = ClientError
export const ContentTooLargeError: typeof ClientError = /* @__PURE__ */ registered(413, ClientError)
export type URITooLongError = ClientError
export const URITooLongError: typeof ClientError = /* @__PURE__ */ registered(414, ClientError)
export type UnsupportedMediaTypeError = ClientError
export const UnsupportedMediaTypeError: typeof ClientError = /* @__PURE__ */ registered(415, ClientError)
export type RangeNotSatisfiableError = ClientError
export const RangeNotSatisfiableError: typeof ClientError = /* @__PURE__ */ registered(416, ClientError)
export type ExpectationFailedError = ClientError
export const ExpectationFailedError: typeof ClientError = /* @__PURE__ */ registered(417, ClientError)
export type MisdirectedRequestError = ClientError
export const MisdirectedRequestError: typeof ClientError = /* @__PURE__ */ registered(421, ClientError)
export type UnprocessableContentError = ClientError
export const UnprocessableContentError: typeof ClientError = /* @__PURE__ */ registered(422, ClientError)
export type LockedError = ClientError
export const LockedError: typeof ClientError = /* @__PURE__ */ registered(423, ClientError)
export type FailedDependencyError = ClientError
export const FailedDependencyError: typeof ClientError = /* @__PURE__ */ registered(424, ClientError)
export type TooEarlyError = ClientError
export const TooEarlyError: typeof ClientError = /* @__PURE__ */ registered(425, ClientError)
export type UpgradeRequiredError = ClientError
export const UpgradeRequiredError: typeof ClientError = /* @__PURE__ */ registered(426, ClientError)
export type PreconditionRequiredError = ClientError
export const PreconditionRequiredError: typeof ClientError = /* @__PURE__ */ registered(428, ClientError)
export type TooManyRequestsError = ClientError
export const TooManyRequestsError: typeof ClientError = /* @__PURE__ */ registered(429, ClientError)
export type RequestHeaderFieldsTooLargeError = ClientError
export const RequestHeaderFieldsTooLargeError: typeof ClientError = /* @__PURE__ */ registered(431, ClientError)
export type UnavailableForLegalReasonsError = ClientError
export const UnavailableForLegalReasonsError: typeof ClientError = /* @__PURE__ */ registered(451, ClientError)
export type InternalServerError = ServerError
export const InternalServerError: typeof ServerError = /* @__PURE__ */ registered(500, ServerError)
export type NotImplementedError = ServerError
export const NotImplementedError: typeof ServerError = /* @__PURE__ */ registered(501, ServerError)
export type BadGatewayError = ServerError
export const BadGatewayError: typeof ServerError = /* @__PURE__ */ registered(502, ServerError)
export type ServiceUnavailableError = ServerError
export const ServiceUnavailableError: typeof ServerError = /* @__PURE__ */ registered(503, ServerError)
export type GatewayTimeoutError = ServerError
export const GatewayTimeoutError: typeof ServerError = /* @__PURE__ */ registered(504, ServerError)
export type HTTPVersionNotSupportedError = ServerError
export const HTTPVersionNotSupportedError: typeof ServerError = /* @__PURE__ */ registered(505, ServerError)
export type VariantAlsoNegotiatesError = ServerError
export const VariantAlsoNegotiatesError: typeof ServerError = /* @__PURE__ */ registered(506, ServerError)
export type InsufficientStorageError = ServerError
export const InsufficientStorageError: typeof ServerError = /* @__PURE__ */ registered(507, ServerError)
export type LoopDetectedError = ServerError
export const LoopDetectedError: typeof ServerError = /* @__PURE__ */ registered(508, ServerError)
export type NotExtendedError = ServerError
export const NotExtendedError: typeof ServerError = /* @__PURE__ */ registered(510, ServerError)
export type NetworkAuthenticationRequiredError = ServerError
export const NetworkAuthenticationRequiredError: typeof ServerError = /* @__PURE__ */ registered(511, ServerError)
