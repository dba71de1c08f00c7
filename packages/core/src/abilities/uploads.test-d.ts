import { expectTypeOf, test } from "vitest"
import { steadfetch, uploads, type Success, type Uploaded } from "../index.ts"

const api = steadfetch({ abilities: [uploads] })
const call = api.post("/files")
const upload = (...given: Parameters<typeof call.upload>) => call.upload(...given)

test("an upload gives where it is and what the server said", () => {
  expectTypeOf(call.upload(new Blob())).toEqualTypeOf<Promise<Uploaded>>()
  expectTypeOf<Uploaded["reply"]>().toEqualTypeOf<Success>()
  expectTypeOf(call.terminateUpload("/files/7")).toEqualTypeOf<Promise<void>>()
})

test("what can be read again is a source, a stream is none", () => {
  expectTypeOf(upload).toBeCallableWith("text")
  expectTypeOf(upload).toBeCallableWith(new Uint8Array(1))
  expectTypeOf(upload).toBeCallableWith({ size: 1, read: async () => new Blob(["x"]) })
  // @ts-expect-error read once
  expectTypeOf(upload).toBeCallableWith(new Blob().stream())
  // @ts-expect-error no size
  expectTypeOf(upload).toBeCallableWith({ read: () => new Blob() })
})

test("options are typed", () => {
  expectTypeOf(upload).toBeCallableWith("text", { metadata: { a: "b", c: new Uint8Array() }, checksum: "sha256" })
  // @ts-expect-error not checked by Web Crypto
  expectTypeOf(upload).toBeCallableWith("text", { checksum: "md5" })
})
