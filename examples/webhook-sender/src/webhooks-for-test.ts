import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { openWebhooks, type WebhookEvent, type Webhooks, type WebhooksOptions } from "./webhooks.ts"

/** A folder that is removed when the test is over. */
export async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "webhooks-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

export interface WebhooksForTest {
  readonly webhooks: Webhooks
  readonly folder: string
  readonly told: readonly string[]
  /** Resolves once something that begins so was told, the `count`th time. */
  readonly until: (beginning: string, count?: number) => Promise<string>
}

/** A sender of a folder of its own, for receivers on loopback, whose first waits are short. */
export async function webhooksForTest(options: Partial<WebhooksOptions> = {}): Promise<WebhooksForTest> {
  const folder = options.folder ?? (await folderForTest())
  const told: string[] = []
  const waiting = new Set<() => void>()
  const tell = (text: string): void => {
    told.push(text)
    for (const look of waiting) look()
  }
  const webhooks = await openWebhooks({ folder, isLocal: true, backoff: { baseMs: 10, maxMs: 50 }, tell, ...options })
  const until: WebhooksForTest["until"] = (beginning, count = 1) =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = told.filter((text) => text.startsWith(beginning))[count - 1]
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  return { webhooks, folder, told, until }
}

export function eventForTest(id: string): WebhookEvent {
  return { id, type: "invoice.paid", timestamp: "2026-11-30T08:00:00Z", data: { invoice: id } }
}
