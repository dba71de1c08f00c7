import { fileURLToPath } from "node:url"
import { runInNewContext } from "node:vm"
import { build } from "esbuild"
import { beforeAll, describe, expect, test } from "vitest"
import * as source from "./index.ts"

type Library = typeof source

/** This package as an application's bundler leaves it: one minified file, every class renamed. */
async function minified(format: "esm" | "iife"): Promise<string> {
  const entry = fileURLToPath(new URL("index.ts", import.meta.url))
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format,
    globalName: "library",
  })
  return outputFiles[0]?.text ?? ""
}

const copies: { one?: Library; two?: Library; otherRealm?: Library } = {}

beforeAll(async () => {
  const [esm, iife] = await Promise.all([minified("esm"), minified("iife")])
  copies.one = (await import(`data:text/javascript,${encodeURIComponent(esm)}//1`)) as Library
  copies.two = (await import(`data:text/javascript,${encodeURIComponent(esm)}//2`)) as Library
  copies.otherRealm = runInNewContext(`${iife};library`, { performance, TextDecoder, URL, URLSearchParams }) as Library
}) // prettier-ignore

/** What a client of one copy rejects with. */
async function thrown(library: Library, status: number): Promise<unknown> {
  const { WholeBody } = library
  const api = library.steadfetch({
    baseUrl: "https://api.test",
    retry: false,
    deadline: false,
    timeout: false,
    transport: {
      close: async () => {},
      send: async () => ({
        kind: "reply",
        status,
        url: undefined,
        headers: new Headers(),
        body: new WholeBody(new Uint8Array()),
      }),
    },
  })
  return api.get("/").then(undefined, (error: unknown) => error)
}

const copy = (name: keyof typeof copies): Library => {
  const library = copies[name]
  if (library === undefined) throw new Error("not built")
  return library
}

describe.each(["one", "two", "otherRealm"] as const)("errors of the minified copy %s", (name) => {
  test("keep their names", async () => {
    expect(await thrown(copy(name), 404)).toMatchObject({ name: "NotFoundError" })
    expect(await thrown(copy(name), 503)).toMatchObject({ name: "ServiceUnavailableError" })
    expect(await thrown(copy(name), 499)).toMatchObject({ name: "ClientError" })
    expect(new (copy(name).ConfigurationError)("no").name).toBe("ConfigurationError")
  })

  test("have classes that keep their names", () => {
    const { BodyError, CallError, NotFoundError, NoReplyError, SteadfetchError, TimeoutError } = copy(name)
    const names = [BodyError, CallError, NotFoundError, NoReplyError, SteadfetchError, TimeoutError].map(
      (type) => type.name,
    )
    expect(names).toEqual([
      "BodyError",
      "CallError",
      "NotFoundError",
      "NoReplyError",
      "SteadfetchError",
      "TimeoutError",
    ])
  })

  test.each(["one", "two", "otherRealm"] as const)("are known by the classes of the copy %s", async (other) => {
    const error = await thrown(copy(name), 404)
    const { CallError, ClientError, ConfigurationError, ForbiddenError, NotFoundError, ServerError, SteadfetchError } =
      copy(other)
    expect([SteadfetchError, CallError, ClientError, NotFoundError].map((type) => type.is(error))).toEqual(
      Array.from({ length: 4 }, () => true),
    )
    expect([ServerError, ForbiddenError, ConfigurationError].map((type) => type.is(error))).toEqual(
      Array.from({ length: 3 }, () => false),
    )
  })

  test("are known by the sources' classes, and the other way round", async () => {
    expect(source.NotFoundError.is(await thrown(copy(name), 404))).toBe(true)
    expect(copy(name).NotFoundError.is(await thrown(source, 404))).toBe(true)
    expect(copy(name).NotFoundError.is(await thrown(source, 403))).toBe(false)
  })

  test("are revived by another copy as its own", async () => {
    const revived = source.reviveError(JSON.parse(JSON.stringify(await thrown(copy(name), 404))))
    expect(revived).toBeInstanceOf(source.NotFoundError)
  })
})

test("instanceof, which `is` stands in for, does not hold across copies", async () => {
  expect(await thrown(copy("one"), 404)).not.toBeInstanceOf(copy("two").NotFoundError)
  expect(await thrown(copy("otherRealm"), 404)).not.toBeInstanceOf(Error)
})
