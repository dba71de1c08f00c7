import { json, type Step } from "@steadfetch/testing/fault-server"

/** A reply of Server-Sent Events, as the streaming endpoints of AI APIs send them. */
export function serverSentEvents(events: readonly string[]): Step {
  return {
    kind: "reply",
    status: 200,
    headers: { "content-type": "text/event-stream" },
    framing: "chunked",
    body: events.map((event) => `${event}\n\n`).join(""),
  }
}

/** How OpenAI's API words an error. */
export function openAIError(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Step {
  return json(status, { error: { message, type: "server_error", code: null, param: null } }, { headers })
}
