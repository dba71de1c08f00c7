import { expect, test } from "vitest"
import { servePage, type ServeOptions } from "./serve.ts"

test.each<[ServeOptions, string]>([
  [{ key: "" }, "servePage.key: a string; give letters, digits, - and _"],
  [{ key: "../etc/passwd/and/so/on" }, "servePage.key"],
  [{ key: "a?b=c#d aaaaaaaaaaaaaaa" }, "servePage.key"],
  [{ port: 65_536 }, "port 65536 cannot be had"],
  [{ host: "0.0.0.0" } as never, 'servePage: no option "host"'],
])("%o is refused", async (options, message) => {
  await expect(servePage(() => [], options)).rejects.toThrow(message)
})

test("a key that is refused is not quoted whole", async () => {
  await expect(servePage(() => [], { key: "secret/secret/secret" })).rejects.toThrow(/^(?!.*secret\/secret)/)
})
