import { expectTypeOf, test } from "vitest"
import {
  apiKey,
  bearer,
  createFetch,
  documented,
  rfc9110,
  steadfetch,
  strict,
  type BodyInput,
  type ClientOptions,
  type Contract,
  type DropInInit,
  type EventMap,
  type FetchOptions,
  type HeadersInput,
  type RequestOptions,
  type Steadfetch,
} from "./index.ts"

const api = steadfetch()

test("what a user writes is accepted", () => {
  expectTypeOf({
    baseUrl: "https://api.example.com/v1",
    headers: { "x-tenant": "7", "x-none": undefined, "x-number": 5 },
    query: { a: 1, b: [true, "x"], c: null },
    auth: bearer(async () => "token", { refresh: async () => {} }),
    retry: { attempts: 3, budget: { perSuccess: 0.1 } },
    timeout: { attemptMs: 5000, stallMs: false },
    deadline: 30_000,
    idempotencyKey: { format: "quoted" },
    contract: { 409: "retry", "5xx": "correct" },
    maxBodyBytes: 1000,
    on: { "attempt-ended": ({ attempt }: EventMap["attempt-ended"]) => attempt.status },
  } as const).toExtend<ClientOptions>()
  expectTypeOf<{ retry: false; timeout: false; deadline: false; idempotencyKey: false }>().toExtend<ClientOptions>()
  expectTypeOf<RequestOptions>().toExtend<Parameters<typeof api.get>[1]>()
  expectTypeOf(api.extend({})).toEqualTypeOf<Steadfetch>()
})

test("options that are there but undefined are as good as absent", () => {
  expectTypeOf<{ baseUrl: undefined; auth: undefined; retry: undefined }>().toExtend<ClientOptions>()
  expectTypeOf<{ signal: undefined; json: undefined; headers: undefined }>().toExtend<RequestOptions>()
  expectTypeOf<{ retry: undefined; fetch: undefined }>().toExtend<FetchOptions>()
})

test("headers are a record, pairs or Headers", () => {
  expectTypeOf<{ a: "b"; c: 1; d: undefined }>().toExtend<HeadersInput>()
  expectTypeOf<[string, string][]>().toExtend<HeadersInput>()
  expectTypeOf<Headers>().toExtend<HeadersInput>()
  expectTypeOf<Map<string, string>>().toExtend<HeadersInput>()
  // @ts-expect-error a field has one value
  void api.get("/", { headers: { a: ["b"] } })
  // @ts-expect-error a field is a text
  void api.get("/", { headers: { a: { b: 1 } } })
})

test("a body is what can be sent", () => {
  expectTypeOf<string | Uint8Array<ArrayBuffer> | Blob | FormData | URLSearchParams>().toExtend<BodyInput>()
  expectTypeOf<ReadableStream<Uint8Array> | AsyncIterable<string>>().toExtend<BodyInput>()
  expectTypeOf<() => ReadableStream<Uint8Array>>().toExtend<BodyInput>()
  expectTypeOf<{ json: { any: ["value", 1, null] } }>().toExtend<RequestOptions>()
  expectTypeOf<{ form: { a: "1" } } | { form: FormData }>().toExtend<RequestOptions>()
  // @ts-expect-error an object goes in "json"
  void api.post("/", { body: { a: 1 } })
  // @ts-expect-error a body function opens its stream at once
  void api.post("/", { body: async () => "x" })
  // @ts-expect-error the values of a form are texts
  void api.post("/", { form: { a: 1 } })
})

test("wrong options of a client are errors", () => {
  expectTypeOf<{ baseURL: string }>().not.toExtend<ClientOptions>()
  // @ts-expect-error it is spelt baseUrl
  steadfetch({ baseURL: "https://h" })
  // @ts-expect-error attempts go in an object
  steadfetch({ retry: 3 })
  // @ts-expect-error false or options, never true
  steadfetch({ retry: true })
  // @ts-expect-error it is spelt attempts
  steadfetch({ retry: { attempt: 3 } })
  // @ts-expect-error the limits have names
  steadfetch({ timeout: 5000 })
  // @ts-expect-error milliseconds are a number
  steadfetch({ deadline: "5s" })
  // @ts-expect-error two formats
  steadfetch({ idempotencyKey: { format: "json" } })
  // @ts-expect-error a token is given to bearer()
  steadfetch({ auth: "token" })
  // @ts-expect-error there is no such event
  steadfetch({ on: { "call-over": () => {} } })
  // @ts-expect-error the whole is replaced with a transport
  steadfetch({ fetch: globalThis.fetch })
  // @ts-expect-error an undefined token is a mistake in the environment
  bearer(process.env["TOKEN"])
  // @ts-expect-error a key has one place
  apiKey("key", { cookie: "k" })
})

test("wrong options of a call are errors", () => {
  expectTypeOf<{ data: object }>().not.toExtend<RequestOptions>()
  // @ts-expect-error it is spelt json
  void api.post("/", { data: {} })
  // @ts-expect-error a path value is one segment
  void api.get("/{ids}", { path: { ids: ["1", "2"] } })
  // @ts-expect-error undefined would leave a hole in the path
  void api.get("/{id}", { path: { id: undefined } })
  // @ts-expect-error a query value is no object
  void api.get("/", { query: { filter: { a: 1 } } })
  // @ts-expect-error credentials are switched off, not given, per call
  void api.get("/", { auth: bearer("x") })
  // @ts-expect-error follow or manual
  void api.get("/", { redirect: "error" })
  // @ts-expect-error a call has no transport of its own
  void api.get("/", { transport: undefined })
})

test("a contract has rows for statuses and classes", () => {
  expectTypeOf(documented).toExtend<Contract>()
  expectTypeOf(strict).toExtend<Contract>()
  expectTypeOf(rfc9110).toExtend<Contract>()
  expectTypeOf<{ 404: "accept"; "4xx": "correct" }>().toExtend<Contract>()
  expectTypeOf<{ 404: "ignore" }>().not.toExtend<Contract>()
  // @ts-expect-error there is no such class
  steadfetch({ contract: { "6xx": "retry" } })
})

test("the drop-in fetch is a fetch", () => {
  expectTypeOf(createFetch()).toExtend<typeof fetch>()
  const fetches: { fetch: typeof globalThis.fetch } = { fetch: createFetch({ retry: { attempts: 2 } }) }
  expectTypeOf(fetches.fetch("https://h")).toEqualTypeOf<Promise<Response>>()
  expectTypeOf<Parameters<ReturnType<typeof createFetch>>[1]>().toEqualTypeOf<DropInInit | undefined>()
  expectTypeOf(createFetch()("https://h", { method: "POST", steadfetch: { retry: false } })).toEqualTypeOf<
    Promise<Response>
  >()
  // @ts-expect-error it is spelt retry
  void createFetch()("https://h", { steadfetch: { retries: false } })
  // @ts-expect-error an SDK sets its own timeouts
  createFetch({ timeout: { attemptMs: 5000 } })
  // @ts-expect-error fetch has no base
  createFetch({ baseUrl: "https://h" })
})
