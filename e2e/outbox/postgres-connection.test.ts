import { once } from "node:events"
import { createServer, type AddressInfo } from "node:net"
import { Pool } from "pg"
import { expect, onTestFinished, test } from "vitest"
import { Connection } from "../../packages/outbox/src/postgres/connection.ts"

/** A message of PostgreSQL's protocol: its type, its length, and what it holds. */
function message(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(content.length + 4)
  return Buffer.concat([Buffer.from(type), length, content])
}

/** "Authentication is done", "ready", and the end of a server that is killed at that instant. */
const DYING = Buffer.concat([
  message("R", Buffer.alloc(4)),
  message("Z", Buffer.from("I")),
  message("E", Buffer.from("SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0")),
])

test("a server that dies while a connection to it is handed over does not end the program", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {})
    socket.once("data", () => socket.end(DYING))
  }).listen(0, "127.0.0.1")
  onTestFinished(() => void server.close())
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  const connection = new Connection("PostgreSQL", new Pool({ host: "127.0.0.1", port, user: "me" }), true)
  await expect(connection.transaction(async () => {})).rejects.toThrow("connection error")
  await connection.end()
})
