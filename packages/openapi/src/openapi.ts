import {
  kindOf,
  refuse,
  steadfetch,
  type Ability,
  type Call,
  type MethodsOf,
  type RequestOptions,
  type Steadfetch,
} from "steadfetch"
import { clientOptions, type OpenApiOptions } from "./client-options.ts"
import type { Description, SchemeKind } from "./description.ts"
import { noteOf } from "./operation-note.ts"
import type { Operation, PathsWith } from "./operations.ts"
import { requestParts, type GivenParts } from "./request-parts.ts"
import type { Given } from "./typed-options.ts"
import type { TypedCall } from "./typed-replies.ts"

/** A call of an operation of the document. */
export type CallTo<Operation> = [Operation] extends [{ readonly responses: infer Responses }]
  ? TypedCall<Responses>
  : never

/** A client whose calls are checked against the paths of a document. */
export interface OpenApi<Paths, Methods = unknown> {
  get<Path extends PathsWith<Paths, "get">>(
    path: Path,
    ...options: Given<Operation<Paths, Path, "get">>
  ): CallTo<Operation<Paths, Path, "get">> & Methods
  head<Path extends PathsWith<Paths, "head">>(
    path: Path,
    ...options: Given<Operation<Paths, Path, "head">>
  ): CallTo<Operation<Paths, Path, "head">> & Methods
  post<Path extends PathsWith<Paths, "post">>(
    path: Path,
    ...options: Given<Operation<Paths, Path, "post">>
  ): CallTo<Operation<Paths, Path, "post">> & Methods
  put<Path extends PathsWith<Paths, "put">>(
    path: Path,
    ...options: Given<Operation<Paths, Path, "put">>
  ): CallTo<Operation<Paths, Path, "put">> & Methods
  patch<Path extends PathsWith<Paths, "patch">>(
    path: Path,
    ...options: Given<Operation<Paths, Path, "patch">>
  ): CallTo<Operation<Paths, Path, "patch">> & Methods
  delete<Path extends PathsWith<Paths, "delete">>(
    path: Path,
    ...options: Given<Operation<Paths, Path, "delete">>
  ): CallTo<Operation<Paths, Path, "delete">> & Methods
  /** The client underneath: for what the document does not say, to listen and to close. */
  readonly client: Steadfetch<Methods>
}

/** What the abilities of a client add to its calls. */
export type MethodsOfClient<Client> = Client extends Steadfetch<infer Methods> ? Methods : never

/**
 * A client typed by an OpenAPI document: paths, parameters and bodies are checked by the compiler, and replies are typed
 * by their status.
 * @param description What `steadfetch generate -o api.ts` wrote, or what `describe` read from the document.
 * @param options Those of `steadfetch()`, with `auth` by the document's security schemes; or a client of yours.
 * @throws ConfigurationError for options that cannot work, and for names that the document does not have.
 */
export function openapi<
  Paths,
  Schemes extends Readonly<Record<string, SchemeKind>>,
  const Abilities extends readonly Ability[] = [],
>(
  description: Description<Paths, Schemes>,
  options?: OpenApiOptions<Schemes, Abilities>,
): OpenApi<Paths, MethodsOf<Abilities>>
export function openapi<Paths, Methods>(
  description: Description<Paths>,
  client: Steadfetch<Methods>,
): OpenApi<Paths, Methods>
/** With types alone, `openapi<paths>(client)`: for a document that says nothing else; abilities need `openapi<paths, typeof client>(client)`. */
export function openapi<Paths, Client extends Steadfetch = Steadfetch>(
  client: Client,
): OpenApi<Paths, MethodsOfClient<Client>>
export function openapi(first: Description | Steadfetch, second: OpenApiOptions | Steadfetch = {}): OpenApi<unknown> {
  if (isClient(first)) return typed(first, undefined, false)
  if (typeof first?.operations !== "object")
    refuse("openapi", kindOf(first), "the description that steadfetch generate wrote, or a client")
  if (isClient(second)) return typed(second, first, false)
  return typed(steadfetch(clientOptions(first, second)), first, second.baseUrl === undefined)
}

function isClient(given: unknown): given is Steadfetch {
  return typeof given === "object" && given !== null && "request" in given
}

/** @param ownServers Whether operations that have a server of their own are sent there. */
function typed(client: Steadfetch, description: Description | undefined, ownServers: boolean): OpenApi<unknown> {
  const verb =
    (method: string) =>
    (path: string, given: RequestOptions = {}): Call => {
      // Refused by the client, when it is sent.
      if (typeof given !== "object" || given === null) return client.request(method, path, given)
      const name = `${method} ${path}`
      const facts = description?.operations[name]
      const server = ownServers ? (facts?.server ?? "") : ""
      return client.request(method, server + path, {
        ...given,
        ...requestParts(given as GivenParts, facts),
        ...keyOf(client, method, given, description, facts?.takesKey === true),
        ...(given.auth === undefined && facts?.security?.length === 0 ? { auth: false } : {}),
        ...noteOf({ name, facts: ownServers || facts === undefined ? facts : { ...facts, server: undefined } }),
      })
    }
  const verbs = {
    get: verb("GET"),
    head: verb("HEAD"),
    post: verb("POST"),
    put: verb("PUT"),
    patch: verb("PATCH"),
    delete: verb("DELETE"),
    client,
  }
  return verbs as unknown as OpenApi<unknown>
}

/** Where the document says which operations take an idempotency key, those have one, and no others. */
function keyOf(
  client: Steadfetch,
  method: string,
  given: RequestOptions,
  description: Description | undefined,
  takesKey: boolean,
): Pick<RequestOptions, "idempotencyKey"> {
  if (given.idempotencyKey !== undefined || description?.idempotencyKey === undefined) return {}
  const isKeyed = method === "POST" || method === "PATCH"
  if (takesKey === isKeyed) return {}
  return { idempotencyKey: takesKey ? client.get("/").context.runtime.uniqueId() : false }
}
