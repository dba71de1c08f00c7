import { writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { installed } from "../install.ts"
import type { CaseEnd } from "../suite/index.ts"
import { output, running } from "./child.ts"
import type { Launched } from "./launched.ts"

const pattern = "@cloudflare/workerd-*/bin/workerd"

/** The worker may call loopback, which workerd refuses by default. */
const config = (file: string): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "suite", worker = .suite),
    (name = "internet", network = (allow = ["local", "private", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suite")],
);
const suite :Workerd.Worker = (
  modules = [(name = "suite", esModule = embed "${file}")],
  compatibilityDate = "2026-11-01",
);
`

/** Cloudflare's runtime for workers, as it runs in production. */
export const workerd: Launched = {
  name: "workerd",
  title: "workerd",
  async version() {
    return /workerd (\S+)/.exec(await output(await installed(pattern), ["--version"]))?.[1] ?? ""
  },
  async run({ built, place }) {
    const file = join(dirname(built.worker), "workerd.capnp")
    await writeFile(file, config(basename(built.worker)))
    const args = ["serve", file, "--control-fd=3"]
    return running(await installed(pattern), args, ["ignore", "inherit", "inherit", "pipe"], async ({ stdio }) => {
      const port = await listeningPort(stdio[3] as Readable)
      const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: JSON.stringify(place) })
      if (!response.ok) throw new Error(`the worker replied ${response.status}: ${await response.text()}`)
      return (await response.json()) as readonly CaseEnd[]
    })
  },
}

/** workerd tells on its control pipe where it listens. */
async function listeningPort(control: Readable): Promise<number> {
  for await (const line of createInterface(control)) {
    const { event, port } = JSON.parse(line) as { readonly event: string; readonly port: number }
    if (event === "listen") return port
  }
  throw new Error("workerd does not listen")
}
