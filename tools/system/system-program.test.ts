import { expect, test } from "vitest"
import type { Machine } from "./machine.ts"
import { systemProgram } from "./system-program.ts"

interface Given {
  readonly isRoot?: boolean
  readonly programs?: readonly string[]
  /** What installing brings; undefined when it fails. */
  readonly brings?: string
  readonly sudoAsks?: boolean
}

function machine({ isRoot = false, programs = ["apt-get"], brings, sudoAsks = false }: Given): {
  readonly machine: Machine
  readonly commands: string[]
} {
  const commands: string[] = []
  const present = [...programs]
  return {
    commands,
    machine: {
      isRoot,
      find: async (program) => (present.includes(program) ? `/bin/${program}` : undefined),
      run: async (command) => {
        commands.push(command.join(" "))
        if (command.at(-1) === "true") return { succeeded: !sudoAsks, output: "" }
        if (!command.includes("install")) return { succeeded: true, output: "" }
        if (brings !== undefined) present.push(brings)
        return { succeeded: brings !== undefined, output: "E: Unable to locate package nginx\n" }
      },
    },
  }
}

test("a program that is there is found, and nothing is run", async () => {
  const { machine: here, commands } = machine({ programs: ["nginx"] })
  await expect(systemProgram("nginx", "nginx", here)).resolves.toBe("/bin/nginx")
  expect(commands).toEqual([])
})

test("root installs a missing program from its package", async () => {
  const { machine: here, commands } = machine({ isRoot: true, brings: "nginx" })
  await expect(systemProgram("nginx", "nginx-light", here)).resolves.toBe("/bin/nginx")
  expect(commands).toHaveLength(2)
  expect(commands[0]).toMatch(/^env \S+ apt-get .* update$/)
  expect(commands[1]).toMatch(/^env \S+ apt-get .* install --yes --no-install-recommends nginx-light$/)
})

test("who may use sudo without a password installs through it", async () => {
  const { machine: here, commands } = machine({ programs: ["apt-get", "sudo"], brings: "nginx" })
  await systemProgram("nginx", "nginx", here)
  expect(commands.at(-1)).toMatch(/^sudo --non-interactive env .* apt-get .* install .* nginx$/)
})

test.each([
  ["without apt-get", { isRoot: true, programs: [] }, "there is no apt-get"],
  ["without root and sudo", {}, "takes root, or sudo without a password"],
  [
    "where sudo asks for a password",
    { programs: ["apt-get", "sudo"], sudoAsks: true },
    "takes root, or sudo without a password",
  ],
  ["when apt-get fails", { isRoot: true }, "Unable to locate package nginx"],
  ["when the package brings another program", { isRoot: true, brings: "caddy" }, "brought no such program"],
])("%s it says why, and what to install", async (_when, given, why) => {
  const call = systemProgram("nginx", "nginx", machine(given).machine)
  await expect(call).rejects.toThrow(why)
  await expect(call).rejects.toThrow("apt-get install nginx")
})
