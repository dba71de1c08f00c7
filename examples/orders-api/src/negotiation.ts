import type { Middleware } from "./environment.ts"
import { ProblemError } from "./problem.ts"

const json = "application/json"

/** Types of body that each method takes. */
const bodyTypes: ReadonlyMap<string, readonly string[]> = new Map([
  ["POST", [json]],
  ["PUT", [json]],
  ["PATCH", [json, "application/merge-patch+json"]],
])

/** Refuses with 406 who does not accept JSON, and with 415 a body of a type which the method does not take. */
export const negotiation: Middleware = (c, next) => {
  if (c.req.method !== "DELETE" && !acceptsJson(c.req.header("accept"))) {
    throw new ProblemError("not-acceptable", `This API answers in ${json}, which your Accept field excludes.`)
  }
  const taken = bodyTypes.get(c.req.method)
  const sent = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? ""
  if (taken !== undefined && !taken.includes(sent)) {
    const list = taken.join(", ")
    throw new ProblemError(
      "unsupported-media-type",
      `A ${c.req.method} takes a body of ${list}, but got ${sent === "" ? "no Content-Type" : sent}.`,
      { headers: { [c.req.method === "PATCH" ? "Accept-Patch" : "Accept"]: list } },
    )
  }
  return next()
}

/** Whether an Accept field admits JSON: its most specific range counts (RFC 9110, section 12.5.1). */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === "") return true
  const weights = new Map<string, number>()
  for (const member of accept.split(",")) {
    const [range = "", ...parameters] = member.split(";").map((part) => part.trim().toLowerCase())
    const weight = parameters.find((parameter) => parameter.startsWith("q="))
    weights.set(range, weight === undefined ? 1 : Number(weight.slice(2)))
  }
  return (weights.get(json) ?? weights.get("application/*") ?? weights.get("*/*") ?? 0) > 0
}
