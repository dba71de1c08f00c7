import { Child } from "../child.ts"
import type { Ground } from "../clients/client.ts"
import type { ClientTasks } from "../tasks.ts"

/** A process for each client, started and made ready when it is first asked for. */
export class ClientChildren implements Disposable {
  readonly #ground: Ground
  readonly #warmUp: (child: Child<ClientTasks>) => Promise<unknown>
  readonly #children = new Map<string, Child<ClientTasks>>()

  constructor(ground: Ground, warmUp: (child: Child<ClientTasks>) => Promise<unknown>) {
    this.#ground = ground
    this.#warmUp = warmUp
  }

  async get(client: string): Promise<Child<ClientTasks>> {
    const known = this.#children.get(client)
    if (known !== undefined) return known
    const child = new Child<ClientTasks>("./client-process.ts")
    this.#children.set(client, child)
    await child.ask("open", { client, ground: this.#ground })
    await this.#warmUp(child)
    return child
  }

  [Symbol.dispose](): void {
    for (const child of this.#children.values()) child[Symbol.dispose]()
  }
}

/** Lets a client work in a process that nobody used before. */
export async function inFreshProcess<T>(
  client: string,
  ground: Ground,
  work: (child: Child<ClientTasks>) => Promise<T>,
): Promise<T> {
  using child = new Child<ClientTasks>("./client-process.ts")
  await child.ask("open", { client, ground })
  return await work(child)
}
