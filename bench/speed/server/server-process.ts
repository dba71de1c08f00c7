/** The server of the benchmark, in a process of its own: ready answers over node:net, so that the clients are measured. */
import { createServer, type AddressInfo } from "node:net"
import { answerParent } from "../answer-parent.ts"
import type { ServerTasks } from "../tasks.ts"
import { answer } from "./replies.ts"
import { RequestReader } from "./request-reader.ts"

const server = createServer({ noDelay: true }, (socket) => {
  const reader = new RequestReader()
  const send = (message: Buffer): void => void socket.write(message)
  socket.on("data", (piece) => {
    for (const request of reader.push(piece)) answer(request, send)
  })
  // Clients come and go; a connection that one of them resets is its own business.
  socket.on("error", () => socket.destroy())
})

answerParent<ServerTasks>({
  listen: () =>
    new Promise((resolve) => {
      const options = { host: "127.0.0.1", port: 0, backlog: 4096 }
      server.listen(options, () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
    }),
  cpuUs: async () => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
})
