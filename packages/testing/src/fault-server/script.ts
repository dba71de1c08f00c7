import * as v from "valibot"
import { namedOrigins } from "./placeholders.ts"
import { parseRoute, type Route } from "./route.ts"
import { playlistSchema, stepSchema } from "./step-schema.ts"
import type { Playlist, Script, Step } from "./steps.ts"

/** The route whose steps are played once per connection. */
export const ON_CONNECT = "on connect"

/** A script that cannot be played. The message has one line per mistake: the place, the value and the fix. */
export class ScriptError extends Error {
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(mistakes.join("\n"))
    this.name = "ScriptError"
    this.mistakes = mistakes
  }
}

/** A route's steps, checked and with nothing left out. */
export interface CheckedRoute extends Required<Playlist> {
  /** As written in the script. */
  readonly name: string
  /** Undefined for "on connect". */
  readonly route: Route | undefined
}

/**
 * Reads a script from JSON text. `source` names it in error messages, such as the file's path.
 * @throws {ScriptError} naming every mistake's place and fix
 */
export function parseScript(text: string, source: string): Script {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ScriptError([`${source}: is no JSON: ${error instanceof Error ? error.message : String(error)}`])
  }
  const checked = checkScript(value, source)
  return Object.fromEntries(checked.map(({ name, steps, then }): [string, Playlist] => [name, { steps, then }]))
}

/**
 * Checks a script from anywhere.
 * @throws {ScriptError} naming every mistake's place and fix
 */
export function checkScript(script: unknown, source: string): readonly CheckedRoute[] {
  if (typeof script !== "object" || script === null || Array.isArray(script)) {
    throw new ScriptError([`${source}: is no object; write {"GET /path": [steps]}`])
  }
  const mistakes: string[] = []
  const routes = Object.entries(script).map(([name, value]) => {
    const place = `${source}: "${name}"`
    const route = name === ON_CONNECT ? undefined : parseRoute(name)
    if (typeof route === "string") mistakes.push(`${place} ${route}`)
    const { steps, then } = readPlaylist(value, place, mistakes)
    mistakes.push(...misplacedSteps(steps, place, name === ON_CONNECT))
    if (name === ON_CONNECT && then === 404)
      mistakes.push(`${place}, then: a connection gets no 404; use "last" or "repeat"`)
    return { name, route: typeof route === "object" ? route : undefined, steps, then }
  })
  if (mistakes.length > 0) throw new ScriptError(mistakes)
  return routes
}

/** Refuses `{origin:NAME}` where no server of that name was given. */
export function checkOrigins(routes: readonly CheckedRoute[], known: readonly string[]): void {
  const mistakes = routes.flatMap(({ name, steps }) =>
    namedOrigins(JSON.stringify(steps))
      .filter((origin) => !known.includes(origin))
      .map((origin) => `script: "${name}": {origin:${origin}} names no server; give its origin in the option origins`),
  )
  if (mistakes.length > 0) throw new ScriptError(mistakes)
}

function readPlaylist(value: unknown, place: string, mistakes: string[]): Required<Playlist> {
  const isPlaylist = typeof value === "object" && value !== null && "steps" in value
  const playlist = isPlaylist ? accept(playlistSchema, value, place, mistakes) : { steps: value }
  if (playlist === undefined) return { steps: [], then: "last" }
  const list: readonly unknown[] = Array.isArray(playlist.steps) ? playlist.steps : [playlist.steps]
  if (list.length === 0) mistakes.push(`${place} has no steps; add one`)
  const steps = list.flatMap((step, index) => accept(stepSchema, step, `${place}, step ${index + 1}`, mistakes) ?? [])
  return { steps, then: playlist.then ?? "last" }
}

function accept<Output>(
  schema: v.GenericSchema<unknown, Output>,
  value: unknown,
  place: string,
  mistakes: string[],
): Output | undefined {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  mistakes.push(
    ...result.issues.map(({ path, message }) => {
      const keys = (path ?? []).map(({ key }) => (typeof key === "number" ? key + 1 : key))
      return keys.length === 0 ? `${place} ${message}` : `${place}, ${keys.join(".")}: ${message}`
    }),
  )
  return undefined
}

function misplacedSteps(steps: readonly Step[], place: string, onConnect: boolean): string[] {
  return steps.flatMap((step, index) => {
    const belongs = step.kind === "accept" || (step.kind === "drop" && step.at === "connect")
    if (belongs === onConnect) return []
    const fix = onConnect ? 'use "accept", or "drop" at "connect"' : `put it under the route "${ON_CONNECT}"`
    return [`${place}, step ${index + 1} is not for this route; ${fix}`]
  })
}
