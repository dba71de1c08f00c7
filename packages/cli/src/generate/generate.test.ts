import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { run } from "../program.ts"
import { testSurroundings } from "../test-surroundings.ts"

const pets = `openapi: 3.1.0
info: { title: Pets, version: "1" }
servers: [{ url: /v1 }]
components:
  securitySchemes: { token: { type: http, scheme: bearer } }
paths:
  /pets:
    get:
      operationId: listPets
      security: []
      responses:
        200:
          description: All
          content: { application/json: { schema: { type: array, items: { type: string } } } }
`

async function folder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "steadfetch-generate-"))
  onTestFinished(() => rm(path, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  return path
}

async function generate(...args: string[]) {
  const { surroundings, stdout, stderr } = testSurroundings()
  const code = await run(["generate", ...args], surroundings)
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

test("a module has the types, and what types cannot hold", async () => {
  const path = await folder({ "pets.yaml": pets })
  const api = join(path, "api.ts")
  expect(await generate(join(path, "pets.yaml"), "-o", api)).toEqual({
    code: 0,
    stdout: `${api} written\n`,
    stderr: "",
  })
  const text = await readFile(api, "utf8")
  expect(text).toContain("export interface paths {")
  expect(text).toContain(`export const description: Description<paths, { "token": "bearer" }> = {
  servers: [{"url":"/v1"}],
  schemes: {"token":{"kind":"bearer"}},
  security: [],
  operations: {
    "GET /pets": {"security":[]},
  },
}
`)
  expect(await readdir(path)).toEqual(["api.ts", "pets.yaml"])
})

test("a declaration file has types alone, and is told what is lost", async () => {
  const path = await folder({ "pets.yaml": pets })
  const { code, stderr } = await generate(join(path, "pets.yaml"), "-o", join(path, "api.d.ts"))
  expect(code).toBe(0)
  expect(stderr).toMatch(/^note: 1 operation says what types cannot hold .*api\.ts keeps it\n$/)
  expect(await readFile(join(path, "api.d.ts"), "utf8")).not.toContain("import")
})

test("JSON is as good as YAML", async () => {
  const json = JSON.stringify({ openapi: "3.0.3", info: {}, paths: { "/x": { get: { responses: {} } } } })
  const path = await folder({ "api.json": json })
  expect(await generate(join(path, "api.json"), "-o", join(path, "api.ts"), "-q")).toEqual({
    code: 0,
    stdout: "",
    stderr: "",
  })
})

test("what other files hold is put in, and its references with it", async () => {
  const main = pets.replace("{ type: array, items: { type: string } }", "{ $ref: parts/schemas.yaml#/Pets }")
  const path = await folder({ "pets.yaml": main })
  await mkdir(join(path, "parts"))
  await writeFile(
    join(path, "parts/schemas.yaml"),
    "Pets: { type: array, items: { $ref: '#/Pet' } }\nPet: { enum: [rex] }\n",
  )
  expect(await generate(join(path, "pets.yaml"), "-o", join(path, "api.ts"))).toMatchObject({ code: 0, stderr: "" })
  expect(await readFile(join(path, "api.ts"), "utf8")).toContain('"rex"')
})

test("--check tells whether the file is that of the document, and writes nothing", async () => {
  const path = await folder({ "pets.yaml": pets })
  const [document, api] = [join(path, "pets.yaml"), join(path, "api.ts")]
  const stale = {
    code: 1,
    stdout: "",
    stderr: `${api} is not what ${document} gives; run steadfetch generate ${document} -o ${api}\n`,
  }
  expect(await generate(document, "-o", api, "--check")).toEqual(stale)
  expect(await readdir(path)).toEqual(["pets.yaml"])
  await generate(document, "-o", api)
  const fresh = { code: 0, stdout: `${api} is up to date\n`, stderr: "" }
  expect(await generate(document, "-o", api, "--check")).toEqual(fresh)
  expect(await generate(document, "-o", api)).toEqual(fresh)
  await writeFile(document, pets.replace("listPets", "allPets"))
  expect(await generate(document, "-o", api, "--check")).toEqual(stale)
})

test.each([
  ["a missing file", undefined, /nope\.yaml is not there; give the document's path, or its URL/],
  ["no document", "just words", /doc\.yaml is no OpenAPI document: it has no "openapi" field/],
  ["an empty file", "", /doc\.yaml is no OpenAPI document/],
  ["neither JSON nor YAML", "a: [", /doc\.yaml is neither JSON nor YAML: /],
  ["Swagger", `swagger: "2.0"`, /doc\.yaml is Swagger "2\.0"; convert it to OpenAPI 3/],
  [
    "a later version",
    `openapi: 4.0.0\npaths: {}`,
    /says "openapi": "4\.0\.0"; give a document of OpenAPI 3\.0 or 3\.1/,
  ],
  [
    "a reference to nothing",
    pets.replace("{ type: array, items: { type: string } }", "{ $ref: '#/components/schemas/Nope' }"),
    /doc\.yaml at #\/paths\/~1pets\/get\/.*: .*ref.*; correct the \$ref, or add what it names/,
  ],
  [
    "a reference to a missing file",
    pets.replace("{ type: array, items: { type: string } }", "{ $ref: 'nope.yaml#/Pet' }"),
    /doc\.yaml at #\/paths.*nope\.yaml.*; correct the \$ref/,
  ],
  [
    "an operationId twice",
    `${pets}  /cats:\n    get: { operationId: listPets, responses: {} }\n`,
    /GET \/pets and GET \/cats both have the operationId "listPets"; give each its own/,
  ],
])("%s is refused, with the file and the fix, and nothing is written", async (_, text, message) => {
  const path = await folder(text === undefined ? {} : { "doc.yaml": text })
  const given = join(path, text === undefined ? "nope.yaml" : "doc.yaml")
  const { code, stdout, stderr } = await generate(given, "-o", join(path, "api.ts"))
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
  expect(stderr).toMatch(message)
  expect(await readdir(path)).not.toContain("api.ts")
})

test.each([
  [[], "the document is missing; write steadfetch generate openapi.yaml -o api.ts"],
  [["a.yaml"], "--output is missing; write steadfetch generate a.yaml -o api.ts"],
  [["a.yaml", "b.yaml", "-o", "api.ts"], '"b.yaml" is one document too many'],
  [["a.yaml", "-o", "api.json"], '--output "api.json" is no TypeScript file; write -o api.ts or -o api.d.ts'],
  [["ftp://h/a.yaml", "-o", "api.ts"], "steadfetch speaks http:// and https://"],
  [["https://u:p@h/a.yaml", "-o", "api.ts"], "save the document with steadfetch call URL --bearer-env NAME"],
  [["a.yaml", "-o"], "--output needs a value: --output FILE"],
  [["a.yaml", "--chek"], "did you mean --check?"],
])("%j is bad usage", async (args, message) => {
  const { code, stderr } = await generate(...args)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})

test("a secret in the document's URL is in no message", async () => {
  const path = await folder()
  const texts = ["just words", pets]
  const server = createServer((_, response) => void response.end(texts.shift()))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pets.yaml?token=`
  for (const code of [2, 1]) {
    const told = await generate(`${url}my-secret`, "-o", join(path, "api.ts"), "--check")
    expect(told).toMatchObject({ code, stderr: expect.stringContaining(`${url}REDACTED`) })
    expect(told.stderr).not.toContain("my-secret")
  }
})

test("a folder that is not there is named", async () => {
  const path = await folder({ "pets.yaml": pets })
  const { code, stderr } = await generate(join(path, "pets.yaml"), "-o", join(path, "src/api.ts"))
  expect(code).toBe(2)
  expect(stderr).toMatch(/src\/api\.ts cannot be written: its folder is not there; make it first/)
})

test("a reader who has had enough is obeyed", async () => {
  const reason = new Error("enough")
  const { surroundings } = testSurroundings({ interrupted: AbortSignal.abort(reason) })
  await expect(run(["generate", "http://127.0.0.1:1/x", "-o", "api.ts"], surroundings)).rejects.toBe(reason)
})
