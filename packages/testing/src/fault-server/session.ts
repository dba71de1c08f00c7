import { STATUS_CODES } from "node:http"
import { ConnectionGone, type Connection } from "./connection.ts"
import { payloadOf } from "./payload.ts"
import type { PlaceholderValues } from "./placeholders.ts"
import { problem, type Playbook } from "./playbook.ts"
import { playStep } from "./player.ts"
import type { RequestLog } from "./request-log.ts"
import { MalformedRequest, readHead, type RequestHead } from "./request-head.ts"
import { composeReply } from "./reply-message.ts"
import type { Clock } from "./system-clock.ts"

/** What all connections of a server share. */
export interface House {
  readonly clock: Clock
  readonly playbook: Playbook
  readonly log: RequestLog
  readonly values: PlaceholderValues
  readonly headBytes: number
  readonly endlessBytes: number
}

/** Serves a connection until either side ends it, one request after the other. Never rejects for what a client does. */
export async function serve(connection: Connection, house: House): Promise<void> {
  try {
    const refusal = house.playbook.onConnect()
    if (refusal !== undefined) {
      if (refusal.delayMs !== undefined) await connection.wait(house.clock, refusal.delayMs)
      return await connection.sever(refusal.by)
    }
    while (!connection.severed) {
      const request = await readHead(connection.inbox, house.headBytes)
      if (request === undefined) return
      await answer(request, connection, house)
    }
  } catch (error) {
    if (error instanceof MalformedRequest) await refuse(error, connection, house)
    else if (!(error instanceof ConnectionGone)) throw error
  }
}

async function answer(request: RequestHead, connection: Connection, house: House): Promise<void> {
  const { clock, playbook, log, values, endlessBytes } = house
  const { onReuse, number } = connection
  const choice = onReuse === undefined ? playbook.next(request.method, request.path) : undefined
  const record = log.add(request, { connection: number, arrivedAtMs: clock.now(), played: choice?.played })
  let end: "answered" | "cut" | "abandoned" = "abandoned"
  try {
    if (choice === undefined) {
      await connection.sever(onReuse ?? "close")
      end = "cut"
    } else {
      end = await playStep(choice.step, { connection, request, record, clock, values, endlessBytes })
    }
  } finally {
    log.finish(record, end)
  }
}

/** Answers what is no HTTP, and ends the connection: what follows cannot be told apart. */
async function refuse(mistake: MalformedRequest, connection: Connection, { log, values }: House): Promise<void> {
  log.addMalformed(mistake.message)
  const step = problem(mistake.status, STATUS_CODES[mistake.status] ?? "Bad Request", mistake.message)
  const payload = payloadOf(step.body, values, 0)
  const { head } = composeReply(
    step,
    payload,
    { method: "GET", version: "1.1", headers: [["connection", "close"]] },
    values,
  )
  try {
    await connection.write(head)
    await connection.write(payload.slice(0, payload.lengthBytes))
    await connection.sever("close")
  } catch (error) {
    if (!(error instanceof ConnectionGone)) throw error
  }
}
