import { text } from "node:stream/consumers"
import { parseArgs } from "node:util"
import { line, table } from "./report.ts"
import { openWebhooks, type Webhooks, type WebhookEvent } from "./webhooks.ts"

const usage = `Usage: main.ts [--data FOLDER] [--local] COMMAND

  add NAME URL [--ordered]  tells a receiver from now on; prints its secret
  publish                   reads {"id", "type", "timestamp", "data"} from standard input, for all receivers
  run                       sends, until it is stopped
  list                      how every receiver stands
  show NAME                 what is not accepted yet by one
  rotate NAME               prints a new secret; the old one signs beside it for a day
  disable NAME              sends nothing more, and holds what there is
  enable NAME               sends again, what was held first
  resend NAME               sends again what was refused, or expired
  remove NAME               forgets a receiver, and discards what there is for it

  --data FOLDER             where outbox.db and receivers.db are; default: webhooks
  --local                   for trying it out: allows http, and addresses that are not public
`

type Command = (webhooks: Webhooks, name: string, url: string, isOrdered: boolean) => Promise<string>

const commands: Readonly<Record<string, Command>> = {
  add: async (webhooks, id, url, isOrdered) => webhooks.add({ id, url, isOrdered }),
  publish: async (webhooks) => {
    const receipts = await webhooks.publish(readEvent(await text(process.stdin)))
    return `written down for ${receipts.length} receivers, ${receipts.filter(({ isNew }) => isNew).length} of them anew`
  },
  run: async (webhooks) => {
    await webhooks.run()
    console.log("sending; stop with Ctrl+C")
    await untilStopped()
    return "stopped"
  },
  list: async (webhooks) => table(await webhooks.states()),
  show,
  rotate: async (webhooks, name) => webhooks.rotate(name),
  disable: async (webhooks, name) => webhooks.disable(name).then(() => `disabled ${name}`),
  enable: async (webhooks, name) => webhooks.enable(name).then(() => `enabled ${name}`),
  resend: async (webhooks, name) => `${await webhooks.resend(name)} events are sent again`,
  remove: async (webhooks, name) => webhooks.remove(name).then(() => `removed ${name}`),
}

/** Resolves when the process is asked to end; until then it lives, also while nothing is due. */
async function untilStopped(): Promise<void> {
  const alive = setInterval(() => {}, 2 ** 30)
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve())
  })
  clearInterval(alive)
}

async function show(webhooks: Webhooks, name: string): Promise<string> {
  const lines: string[] = []
  for await (const entry of webhooks.notAccepted(name)) lines.push(line(entry))
  return lines.length === 0 ? `nothing waits for ${name}` : lines.join("\n")
}

/** @throws TypeError for what is no event. */
function readEvent(json: string): WebhookEvent {
  const event = JSON.parse(json) as Partial<WebhookEvent> | null
  for (const name of ["id", "type", "timestamp"] as const)
    if (typeof event?.[name] !== "string" || event[name] === "") throw new TypeError(`the event's "${name}" is missing`)
  return event as WebhookEvent
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: "string", default: "webhooks" },
      local: { type: "boolean", default: false },
      ordered: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  })
  if (values.help) return void process.stdout.write(usage)
  const [name = "", id = "", url = ""] = positionals
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) throw new TypeError(name === "" ? "which command?" : `there is no command "${name}"`)
  const webhooks = await openWebhooks({ folder: values.data, isLocal: values.local, tell: console.log })
  try {
    console.log(await command(webhooks, id, url, values.ordered))
  } finally {
    await webhooks.close()
  }
  return undefined
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}; --help tells the commands\n`)
  process.exitCode = 2
}
