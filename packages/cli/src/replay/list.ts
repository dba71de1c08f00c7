import type { Output } from "../output.ts"
import { shownUrl } from "../target-url.ts"
import type { ReplayedCall } from "./request.ts"

/** Prints what would be sent: header fields by name alone, as their values may be secrets. */
export async function printList(calls: readonly ReplayedCall[], json: boolean, stdout: Output): Promise<void> {
  for (const [index, call] of calls.entries()) {
    if (!(await stdout.bytes(`${json ? listObject(call, index) : listLine(call)}\n`))) return
  }
}

function listLine({ recorded, method, url, options }: ReplayedCall): string {
  const body = options.body === undefined ? "" : "  with a body"
  return `${String(recorded.status ?? "none").padEnd(4)}  ${method} ${shownUrl(url)}${body}`
}

function listObject({ recorded, method, url, options }: ReplayedCall, index: number): string {
  return JSON.stringify({
    index,
    entry: recorded.entry,
    method,
    url: shownUrl(url),
    recordedStatus: recorded.status ?? null,
    headers: options.headers.map(([name]) => name),
    hasBody: options.body !== undefined,
  })
}
