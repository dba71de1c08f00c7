import { describe, expect, test } from "vitest"
import { interleaved } from "./rounds.ts"

const silent = (): void => {}

describe("rounds", () => {
  test("each round takes everyone once, beginning with another one", async () => {
    const order: string[] = []
    await interleaved(["a", "b", "c"], 3, async (name) => order.push(name), silent)
    expect(order.join("")).toBe("abcbcacab")
  })

  test("who fails keeps the samples from before, and is not asked again", async () => {
    let asked = 0
    const fail = async (name: string): Promise<number> => {
      if (name === "b" && ++asked === 2) throw new Error("no connection")
      return asked
    }
    const [, second] = await interleaved(["a", "b"], 4, fail, silent)
    expect(second).toEqual({ name: "b", values: [1], failure: "no connection" })
    expect(asked).toBe(2)
  })
})
