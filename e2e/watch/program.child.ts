import { createInterface } from "node:readline"
import { steadfetch } from "@steadfetch/node"
import { watch } from "@steadfetch/watch"

/** Calls each path that comes on standard input, and ends with it. */
const api = steadfetch({ baseUrl: process.env["API"] ?? "" })
await watch(api).ready
process.stdout.write("ready\n")
for await (const path of createInterface({ input: process.stdin })) await api.get(path).outcome()
