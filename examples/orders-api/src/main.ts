import { parseArgs } from "node:util"
import type { OrdersApiOptions } from "./start.ts"
import { startOrdersApi } from "./start.ts"

const usage = `Usage: node --conditions=@steadfetch/source examples/orders-api/src/main.ts [OPTIONS]

  --port NUMBER        listen on this port of 127.0.0.1; any free one by default
  --fail-share NUMBER  let this share of the requests fail, from 0 to 1
  --seed NUMBER        which requests those are; 1 by default
  --log                print a line for every answer
  --help               print this
`

interface Arguments {
  readonly options: OrdersApiOptions
  readonly log: boolean
}

/** What the command line asks for; `undefined` when it asks for help. Throws for what it does not understand. */
function readArguments(): Arguments | undefined {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      "fail-share": { type: "string", default: "0" },
      seed: { type: "string", default: "1" },
      log: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  })
  if (values.help) return undefined
  const trouble = {
    failShare: readNumber("--fail-share", values["fail-share"]),
    seed: readNumber("--seed", values.seed),
  }
  return { options: { port: readNumber("--port", values.port), trouble }, log: values.log }
}

function readNumber(name: string, text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new RangeError(`${name} must be a number, but was "${text}"`)
  return Number(text)
}

async function serve({ options, log }: Arguments): Promise<void> {
  const api = await startOrdersApi({
    ...options,
    onAnswer: ({ method, path, status, requestId }) => {
      if (log) process.stdout.write(`${status ?? "dropped"} ${method} ${path} ${requestId}\n`)
    },
  })
  const authorization = `-H 'Authorization: Bearer ${api.tokens.ada.access}'`
  const makeOrder = `curl -i ${api.origin}/orders ${authorization} --json '{"items":[{"sku":"TEA-250","quantity":2,"unitPriceCents":450}]}'`
  process.stdout.write(`The orders API listens at ${api.origin}; its description is at ${api.origin}/openapi.json

A token to try: ${api.tokens.ada.access}

  ${makeOrder}
  curl -i ${api.origin}/orders ${authorization}
  ${makeOrder} -H 'Idempotency-Key: my-first-key' -H 'Trouble: 502;times=1;when=after'

Send the last one twice: the order is made once, although its first reply was a 502. Stop with Ctrl+C.
`)
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void api.close())
}

try {
  const given = readArguments()
  if (given === undefined) process.stdout.write(usage)
  else await serve(given)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  process.exitCode = 2
}
