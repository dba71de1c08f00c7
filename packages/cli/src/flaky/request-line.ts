import { statusName } from "steadfetch"
import { fieldValue, type ReceivedRequest, type Script, type Step } from "@steadfetch/testing/fault-server"
import { harmless, type Paint } from "../paint.ts"
import { statusStyle } from "../story.ts"

/** What the server did with a request: "503 Service Unavailable", "reset before the headers". */
export function answerOf(request: ReceivedRequest, script: Script): string {
  if (request.played === undefined) return "404 Not Found"
  const entry = script[request.played.route]
  const steps = entry === undefined ? [] : "steps" in entry ? entry.steps : Array.isArray(entry) ? entry : [entry]
  const step: Step | undefined = steps[request.played.step - 1]
  return step === undefined ? "404 Not Found" : describeStep(step)
}

function describeStep(step: Step): string {
  if (step.kind === "drop") return `no reply: ${step.by} ${step.at.replace("-", " ")}`
  if (step.kind === "garbage") return "bytes that are no HTTP"
  if (step.kind === "accept") return "accepted"
  const status = step.status ?? 200
  const reply = `${status} ${statusName(status)}`
  if (step.kind === "echo") return `${reply}, an echo`
  const { cut } = step
  return cut === undefined ? reply : `${reply}, ended by ${cut.by} in the ${cut.at === "body" ? "body" : "headers"}`
}

/** One request in one line: its number, what was asked, what came with it, and what the server did. */
export function requestLine(request: ReceivedRequest, script: Script, paint: Paint): string {
  const answer = answerOf(request, script)
  const status = Number(/^\d{3}/.exec(answer)?.[0] ?? 599)
  const key = fieldValue(request.headers, "idempotency-key")
  const extras = [
    request.body.lengthBytes === 0 ? "" : `${request.body.lengthBytes} bytes`,
    key === undefined ? "" : `key ${harmless(key)}`,
    request.end === "abandoned" ? "the client left before the end" : "",
  ].filter((extra) => extra !== "")
  const shown = extras.length === 0 ? "" : paint("dim", `  (${extras.join(", ")})`)
  const number = String(request.sequence).padStart(4)
  return `${paint("dim", number)}  ${request.method} ${harmless(request.target)}  ${paint(statusStyle(status), answer)}${shown}`
}

/** What was received in all: "3 requests on 1 connection: 503 Service Unavailable ×2, 200 OK ×1". */
export function summary(answers: readonly string[], connections: number): string {
  const counts = new Map<string, number>()
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1)
  const list = [...counts].map(([answer, count]) => `${answer} ×${count}`).join(", ")
  const requests = answers.length === 1 ? "1 request" : `${answers.length} requests`
  const on = connections === 1 ? "1 connection" : `${connections} connections`
  return `${requests} on ${on}${list === "" ? "" : `: ${list}`}`
}
