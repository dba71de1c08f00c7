import { type } from "arktype"
import * as v from "valibot"
import { expectTypeOf, test } from "vitest"
import { z } from "zod"
import type { Call, RequestOptions, StandardSchema, Success } from "./index.ts"

declare const call: Call
declare const reply: Success

test("a schema gives its output's type", () => {
  expectTypeOf(call.json(z.object({ id: z.number() }))).toEqualTypeOf<Promise<{ id: number }>>()
  expectTypeOf(call.json(v.object({ id: v.number() }))).toEqualTypeOf<Promise<{ id: number }>>()
  expectTypeOf(call.json(type({ id: "number" }))).toEqualTypeOf<Promise<{ id: number }>>()
  expectTypeOf(reply.json(z.array(z.string()))).toEqualTypeOf<Promise<string[]>>()
})

test("what it transforms, coerces or fills in has the type that comes out", () => {
  expectTypeOf(call.json(z.string().transform(Number))).toEqualTypeOf<Promise<number>>()
  expectTypeOf(call.json(z.object({ at: z.coerce.date(), n: z.number().default(1) }))).toEqualTypeOf<
    Promise<{ at: Date; n: number }>
  >()
  expectTypeOf(call.json(v.pipe(v.string(), v.transform(Number)))).toEqualTypeOf<Promise<number>>()
  expectTypeOf(call.json(type("string.integer.parse"))).toEqualTypeOf<Promise<number>>()
})

test("without one everything is as it was", () => {
  expectTypeOf(call.json()).toEqualTypeOf<Promise<unknown>>()
  expectTypeOf(call.json<{ id: number }>()).toEqualTypeOf<Promise<{ id: number }>>()
})

test("a type that the schema does not give, and what is no schema, are refused", () => {
  expectTypeOf(call.json(z.string())).not.toEqualTypeOf<Promise<number>>()
  // @ts-expect-error the schema gives a string
  void call.json<number>(z.string())
  // @ts-expect-error no schema
  void call.json({ type: "object" })
})

test("any schema checks a request", () => {
  expectTypeOf<{ json: number; requestSchema: z.ZodNumber }>().toExtend<RequestOptions>()
  expectTypeOf(z.object({})).toExtend<StandardSchema>()
})
