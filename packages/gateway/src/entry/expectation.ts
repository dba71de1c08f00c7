import type { IncomingMessage } from "node:http"
import { listOf } from "./raw-fields.ts"

/** Whether the caller holds its body back until it is told to go on (RFC 9110 §10.1.1). */
export function expectsContinue({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  return httpVersion === "1.1" && listOf(rawHeaders, "expect").includes("100-continue")
}
