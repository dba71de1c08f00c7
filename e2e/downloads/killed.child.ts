/** Downloads a file, and prints how many bytes have arrived, line by line, until it is killed. */
import { downloads } from "@steadfetch/node"
import { steadfetch } from "steadfetch"
import { makeTransport, type TransportName } from "../transports.ts"

/** What the child is asked to do. */
export interface KilledInput {
  readonly url: string
  readonly file: string
  readonly transport: TransportName
}

const { url, file, transport } = JSON.parse(process.argv[2] ?? "") as KilledInput
const api = steadfetch({ transport: makeTransport(transport), abilities: [downloads] })
await api.get(url).download(file, {
  onProgress: ({ transferredBytes }) => void process.stdout.write(`${transferredBytes}\n`),
})
