import { expectTypeOf, test } from "vitest"
import {
  NotFoundError,
  steadfetch,
  TimeoutError,
  type AttemptRecord,
  type Call,
  type CallError,
  type CallOutcome,
  type ClientError,
  type NoReplyError,
  type ServerError,
  type Success,
} from "./index.ts"

interface User {
  readonly id: number
  readonly name: string
}

declare const outcome: CallOutcome
declare const call: Call

test("an outcome's kind tells what it holds", () => {
  expectTypeOf(outcome.kind).toEqualTypeOf<"success" | "client-error" | "server-error" | "no-reply">()
  switch (outcome.kind) {
    case "success":
      expectTypeOf(outcome).toEqualTypeOf<Success>()
      expectTypeOf(outcome.created).toEqualTypeOf<{ readonly location: string } | undefined>()
      expectTypeOf(outcome).not.toHaveProperty("error")
      expectTypeOf(outcome).not.toHaveProperty("retryAt")
      break
    case "client-error":
      expectTypeOf(outcome.error).toEqualTypeOf<ClientError>()
      expectTypeOf(outcome.retryAt).toEqualTypeOf<Date | undefined>()
      expectTypeOf(outcome.status).toEqualTypeOf<number>()
      expectTypeOf(outcome).not.toHaveProperty("created")
      break
    case "server-error":
      expectTypeOf(outcome.error).toEqualTypeOf<ServerError>()
      expectTypeOf(outcome.retryAt).toEqualTypeOf<Date | undefined>()
      break
    case "no-reply":
      expectTypeOf(outcome.error).toEqualTypeOf<NoReplyError>()
      expectTypeOf(outcome).not.toHaveProperty("status")
      expectTypeOf(outcome).not.toHaveProperty("json")
      break
    default:
      expectTypeOf(outcome).toBeNever()
  }
  expectTypeOf(outcome.attempts).toEqualTypeOf<readonly AttemptRecord[]>()
})

test("an outcome has no reader before its kind is known", () => {
  expectTypeOf(outcome).not.toHaveProperty("json")
  // @ts-expect-error there may be no reply to read
  void outcome.json()
  // @ts-expect-error there may be no status
  void outcome.status
})

test("a call is awaited to its success, and read to what was asked for", () => {
  expectTypeOf<Awaited<Call>>().toEqualTypeOf<Success>()
  expectTypeOf(call.json<User>()).toEqualTypeOf<Promise<User>>()
  expectTypeOf(call.json()).toEqualTypeOf<Promise<unknown>>()
  expectTypeOf(call.text()).toEqualTypeOf<Promise<string>>()
  expectTypeOf(call.bytes()).toEqualTypeOf<Promise<Uint8Array<ArrayBuffer>>>()
  expectTypeOf(call.form()).toEqualTypeOf<Promise<FormData>>()
  expectTypeOf(call.stream()).toEqualTypeOf<Promise<ReadableStream<Uint8Array>>>()
  expectTypeOf(call.outcome()).toEqualTypeOf<Promise<CallOutcome>>()
  expectTypeOf(call.outcome({ reading: "stream" })).toEqualTypeOf<Promise<CallOutcome>>()
  // @ts-expect-error there are two readings
  void call.outcome({ reading: "lazy" })
})

test("every verb gives a call", () => {
  const api = steadfetch()
  expectTypeOf(api.get("/")).toEqualTypeOf<Call>()
  expectTypeOf(api.request("PROPFIND", new URL("https://h"))).toEqualTypeOf<Call>()
  // @ts-expect-error a call needs a URL
  void api.get()
})

test("a class's `is` narrows what was caught", () => {
  const caught: unknown = undefined
  if (NotFoundError.is(caught)) {
    expectTypeOf(caught.status).toEqualTypeOf<number>()
    expectTypeOf(caught.serverMessage).toEqualTypeOf<string | undefined>()
    expectTypeOf(caught.body).toEqualTypeOf<unknown>()
    expectTypeOf(caught).toExtend<ClientError>()
  }
  if (TimeoutError.is(caught)) {
    expectTypeOf(caught.limit).toEqualTypeOf<"attempt" | "stall" | "deadline" | undefined>()
    expectTypeOf(caught).toExtend<CallError>()
    expectTypeOf(caught).not.toHaveProperty("status")
  }
})
