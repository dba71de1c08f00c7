import type { OpenAPIHono } from "@hono/zod-openapi"
import { createRoute, z } from "@hono/zod-openapi"
import type { Environment } from "./environment.ts"
import type { ProblemName } from "./problem.ts"
import { ProblemError, problems } from "./problem.ts"

const readProblem = createRoute({
  method: "get",
  path: "/problems/{name}",
  operationId: "readProblem",
  summary: "What a problem's type means and what to do about it",
  request: { params: z.object({ name: z.string() }) },
  responses: {
    200: { description: "The explanation.", content: { "text/plain": { schema: z.string() } } },
    404: { description: "There is no such problem." },
  },
})

/** Serves the OpenAPI 3.1 description at `/openapi.json`, and a page for every problem type. */
export function describe(app: OpenAPIHono<Environment>): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "401 with WWW-Authenticate means: get a fresh token at /token.",
  })
  app.openapi(readProblem, (c) => {
    const { name } = c.req.valid("param")
    if (!isProblemName(name)) throw new ProblemError("no-such-path", `There is no problem type "${name}".`)
    const [status, title, remedy] = problems[name]
    return c.text(`${status} ${title}\n\n${remedy}\n`, 200)
  })
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Orders API",
      version: "1.0.0",
      description:
        "2xx: accepted. 4xx: correct the request before sending it again; `detail` says what is wrong. " +
        "5xx: the fault is on our side; send the same again after a delay.",
    },
    servers: [{ url: "/" }],
  })
}

function isProblemName(name: string): name is ProblemName {
  return Object.hasOwn(problems, name)
}
