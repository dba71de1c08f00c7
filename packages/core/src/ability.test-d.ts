import { expectTypeOf, test } from "vitest"
import { steadfetch, type Call, type Steadfetch } from "./index.ts"

const counting = { count: (): number => 1 }
const reading = {
  async rows<Row>(this: Call): Promise<Row[]> {
    return this.json<Row[]>()
  },
}

test("the methods of all abilities are typed, generic ones included", () => {
  const api = steadfetch({ abilities: [counting, reading] })
  expectTypeOf(api.get("/").count()).toEqualTypeOf<number>()
  expectTypeOf(api.post("/").rows<Date>()).toEqualTypeOf<Promise<Date[]>>()
  expectTypeOf(api.get("/").text()).toEqualTypeOf<Promise<string>>()
})

test("derived clients keep them and add theirs", () => {
  const api = steadfetch({ abilities: [counting] }).extend({ abilities: [reading] })
  expectTypeOf(api.get("/").count()).toEqualTypeOf<number>()
  expectTypeOf(api.get("/").rows<1>()).toEqualTypeOf<Promise<1[]>>()
})

test("without abilities there are none", () => {
  const api = steadfetch()
  expectTypeOf(api).toEqualTypeOf<Steadfetch>()
  expectTypeOf(api.get("/")).toEqualTypeOf<Call>()
  // @ts-expect-error no such method
  void api.get("/").count
})

test("what is no ability is refused", () => {
  expectTypeOf(steadfetch).toBeCallableWith({ abilities: [counting] })
  // @ts-expect-error not a list
  expectTypeOf(steadfetch).toBeCallableWith({ abilities: counting })
  // @ts-expect-error not a function
  expectTypeOf(steadfetch).toBeCallableWith({ abilities: [{ count: 3 }] })
})
