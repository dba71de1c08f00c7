import { expectTypeOf, test } from "vitest"
import {
  byCursor,
  byLink,
  byOffset,
  byPage,
  paging,
  pagingBy,
  steadfetch,
  type Page,
  type Pages,
  type PagingStyle,
  type Success,
} from "../index.ts"

interface User {
  readonly id: number
}

const call = steadfetch({ abilities: [paging] }).get("/users")

test("items have the type that is said, at either place", () => {
  expectTypeOf(call.pages().items<User>()).toEqualTypeOf<AsyncGenerator<User, void, undefined>>()
  expectTypeOf(call.pages<User>().items()).toEqualTypeOf<AsyncGenerator<User, void, undefined>>()
  expectTypeOf(call.pages().items()).toEqualTypeOf<AsyncGenerator<unknown, void, undefined>>()
  expectTypeOf(call.pages<User>().collect()).toEqualTypeOf<Promise<User[]>>()
  expectTypeOf(call.pages().collect<User>()).toEqualTypeOf<Promise<User[]>>()
})

test("pages are typed", () => {
  expectTypeOf(call.pages<User>()).toEqualTypeOf<Pages<User>>()
  expectTypeOf(call.pages()).toExtend<AsyncIterable<Page>>()
  expectTypeOf<Page<User>["items"]>().toEqualTypeOf<readonly User[]>()
  expectTypeOf<Page["next"]>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Page["reply"]>().toEqualTypeOf<Success>()
})

test("pagingBy asks for the style", () => {
  const stated = steadfetch({ abilities: [pagingBy] }).get("/users")
  expectTypeOf(stated.pages<User>({ by: byLink() })).toEqualTypeOf<Pages<User>>()
  // @ts-expect-error no style
  expectTypeOf(() => stated.pages()).toBeFunction()
  // @ts-expect-error no style
  expectTypeOf(() => stated.pages({ maxPages: 3 })).toBeFunction()
})

test("a cursor has one source and one place", () => {
  expectTypeOf(byCursor({ cursor: "next", query: "after" })).toEqualTypeOf<PagingStyle>()
  expectTypeOf(byCursor).toBeCallableWith({ lastItem: "id", more: "has_more", json: "page.after" })
  expectTypeOf(byCursor).toBeCallableWith({ cursor: (body, reply) => [body, reply.headers.get("x")], query: "after" })
  // @ts-expect-error no place for it
  expectTypeOf(byCursor).toBeCallableWith({ cursor: "next" })
  // @ts-expect-error no source
  expectTypeOf(byCursor).toBeCallableWith({ query: "after" })
  expectTypeOf(byPage).toBeCallableWith({ query: "p", first: 0, totalPages: "pages" })
  expectTypeOf(byOffset).toBeCallableWith({ json: "from", total: "hits.total.value" })
})
