/** Uploads a file to a tus server whose connections break, and goes on where each was cut off. */
import { createHash, randomBytes } from "node:crypto"
import { once } from "node:events"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileUploads, steadfetch } from "@steadfetch/node"
import { FileStore } from "@tus/file-store"
import { Server } from "@tus/server"

const MIB = 1024 * 1024
const folder = await mkdtemp(join(tmpdir(), "upload-"))
const file = join(folder, "video.mp4")
await writeFile(file, randomBytes(8 * MIB))

// The tus project's own server. Two of its connections break when 2 MiB have passed.
const tus = new Server({ path: "/files", datastore: new FileStore({ directory: join(folder, "server") }) })
const server = createServer((request, response) => void tus.handle(request, response))
let breaks = 2
server.on("connection", (socket) => {
  let passed = 0
  socket.on("data", (piece: Buffer) => {
    passed += piece.length
    if (passed > 2 * MIB && breaks > 0 && breaks--) socket.destroy()
  })
})
await once(server.listen(0, "127.0.0.1"), "listening")
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const api = steadfetch({ baseUrl, abilities: [fileUploads] })
api.on("attempt-ended", ({ attempt }) => {
  if (attempt.status === undefined) console.log(`${attempt.method}: no reply, so the server is asked how far it got`)
})

// Were this program killed here and run again with the same file, it would go on: the upload's URL is in the resumeFile.
const { url, totalBytes } = await api.post("/files").uploadFile(file, {
  resumeFile: `${file}.upload.json`,
  metadata: { filename: basename(file), filetype: "video/mp4" },
  onProgress: ({ transferredBytes, totalBytes }) => {
    if (transferredBytes === totalBytes) console.log("the server has all of it")
  },
})

const sum = async (path: string): Promise<string> => createHash("sha256").update(await readFile(path)).digest("hex") // prettier-ignore
const stored = join(folder, "server", basename(url))
console.log(`${totalBytes / MIB} MiB, the same bytes: ${(await sum(stored)) === (await sum(file))}`)

server.closeAllConnections()
server.close()
await api.close()
await rm(folder, { recursive: true })
