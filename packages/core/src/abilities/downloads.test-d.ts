import { createHash } from "node:crypto"
import { expectTypeOf, test } from "vitest"
import {
  downloads,
  steadfetch,
  type Downloaded,
  type DownloadOptions,
  type DownloadTarget,
  type Hashes,
} from "../index.ts"

const api = steadfetch({ abilities: [downloads] })
declare const target: DownloadTarget

test("a stream or a target is downloaded to", () => {
  expectTypeOf(api.get("/").download(new WritableStream<Uint8Array>())).toEqualTypeOf<Promise<Downloaded>>()
  expectTypeOf(api.get("/").download(target)).toEqualTypeOf<Promise<Downloaded>>()
  // @ts-expect-error files are known on Node alone
  void api.get("/").download("file.bin")
  // @ts-expect-error a stream of something else
  void api.get("/").download(new WritableStream<string>())
})

test("hashes of Node fit", () => {
  const hashes = { "sha-256": () => createHash("sha256") }
  void api.get("/").download(target, { hashes, digest: { "sha-256": "" } })
  // @ts-expect-error no such algorithm
  void api.get("/").download(target, { hashes, digest: { md5: "" } })
  expectTypeOf<DownloadOptions["hashes"]>().toExtend<Hashes | undefined>()
})
