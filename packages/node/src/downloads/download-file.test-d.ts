import { expectTypeOf, test } from "vitest"
import { downloads, steadfetch, type Downloaded, type DownloadTarget, type FileDownloaded } from "../index.ts"

const api = steadfetch({ abilities: [downloads] })
declare const target: DownloadTarget

test("files, streams and targets are downloaded to", () => {
  expectTypeOf(api.get("/").download("file.bin", { overwrite: false })).toEqualTypeOf<Promise<FileDownloaded>>()
  expectTypeOf(api.get("/").download(new URL("file:///x"))).toEqualTypeOf<Promise<FileDownloaded>>()
  expectTypeOf(api.get("/").download(new WritableStream<Uint8Array>())).toEqualTypeOf<Promise<Downloaded>>()
  expectTypeOf(api.get("/").download(target)).toEqualTypeOf<Promise<Downloaded>>()
  // @ts-expect-error a stream has nothing to keep
  void api.get("/").download(target, { keepPart: false })
})
