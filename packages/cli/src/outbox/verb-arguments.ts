import { hasBody } from "../call/body.ts"
import { sentMethod } from "../call/request.ts"
import type { readArguments } from "../command.ts"
import { parseDuration } from "../duration.ts"
import { parseCount } from "../numbers.ts"
import { parseChoice, parseHeader, parsePair } from "../parse.ts"
import { parseRequest } from "../request-options.ts"
import type { Surroundings } from "../surroundings.ts"
import { checkedUrl } from "../target-url.ts"
import { UsageError } from "../usage-error.ts"
import { isIdPrefix } from "./id-prefix.ts"
import { outboxOptions } from "./options.ts"
import type { Verb } from "./verbs.ts"

export type Values = ReturnType<typeof readArguments<typeof outboxOptions>>["values"]

/** For these a rejected entry may be right: what was refused is not part of it. */
const CREDENTIALS_REFUSED: readonly string[] = ["401", "403", "407"]

type Operands = readonly string[]

/** What each verb takes, checked. @throws UsageError naming the option and the fix. */
export const PARSERS = {
  list(operands: Operands, values: Values) {
    noOperand("list", operands)
    return {
      states: states(values),
      origin: origin(values.origin),
      orderingKey: values["ordering-key"],
      limit: parseCount("--limit", values.limit ?? "50", 1, 1000),
      after: values.after === undefined ? undefined : id("--after", values.after),
      baseUrl: baseUrl(values),
      output: textOrJson("list", values),
    }
  },
  show(operands: Operands, values: Values) {
    const output = parseChoice("--output", values.output ?? "text", outboxOptions.output.choices)
    return { id: oneId("show", operands), baseUrl: baseUrl(values), output }
  },
  add(operands: Operands, values: Values) {
    const [first, second, ...more] = operands
    if (first === undefined) throw new UsageError("the URL is missing; write steadfetch outbox add [METHOD] URL")
    if (more.length > 0)
      throw new UsageError(`${JSON.stringify(more[0])} is one too many; write steadfetch outbox add [METHOD] URL`)
    hasBody(values)
    return {
      method: second === undefined ? "POST" : sentMethod(first),
      url: second ?? first,
      key: values.key,
      orderingKey: values["ordering-key"],
      create: values.create ?? false,
      ...requestChanges(values),
    }
  },
  amend(operands: Operands, values: Values, env: Surroundings["env"]) {
    const bodies = [hasBody(values), values["no-body"], values.edit].filter((given) => given === true)
    if (bodies.length > 1) throw new UsageError("a body is given, taken away or edited; give one of these options")
    return {
      id: oneId("amend", operands),
      method: values.method === undefined ? undefined : sentMethod(values.method),
      url: values.url,
      noBody: values["no-body"] ?? false,
      editor: values.edit === true ? editor(env) : undefined,
      ...requestChanges(values),
    }
  },
  retry(operands: Operands, values: Values) {
    const wrong = values.state?.find((state) => state !== "waiting" && state !== "expired")
    if (wrong !== undefined)
      throw new UsageError(`retry takes --state waiting or expired, not ${wrong}; for rejected ones give --status 401`)
    const refused = values.status?.find((status) => !CREDENTIALS_REFUSED.includes(status))
    if (refused !== undefined)
      throw new UsageError(
        `--status is ${JSON.stringify(refused)}; give 401, 403 or 407: any other 4xx is not sent again unchanged, amend it`,
      )
    const isChosen = values.state !== undefined || values.status !== undefined
    if (isChosen === operands.length > 0)
      throw new UsageError("say which entries: IDs, or --state expired, or --status 401")
    if (values.origin !== undefined && !isChosen) throw new UsageError("--origin needs --state or --status")
    return {
      ids: operands.map((text) => id("the ID", text)),
      states: states(values) ?? [],
      statuses: (values.status ?? []).map(Number),
      origin: origin(values.origin),
      yes: values.yes ?? false,
    }
  },
  discard(operands: Operands, values: Values) {
    if (operands.length === 0) throw new UsageError("the ID is missing; write steadfetch outbox discard ID…")
    return { ids: operands.map((text) => id("the ID", text)), yes: values.yes ?? false }
  },
  stats(operands: Operands, values: Values) {
    noOperand("stats", operands)
    return { output: textOrJson("stats", values) }
  },
  run(operands: Operands, values: Values, env: Surroundings["env"]) {
    noOperand("run", operands)
    const base = baseUrl(values)
    if (base === undefined && values["bearer-env"] !== undefined)
      throw new UsageError("--bearer-env needs --base-url, whose origin the token is for")
    const total = parseCount("--concurrency", values.concurrency ?? "32", 1, 10_000)
    const perOrigin = parseCount("--per-origin", values["per-origin"] ?? "8", 1, 10_000)
    return {
      request: parseRequest(values, env),
      baseUrl: base,
      concurrency: { total, perOrigin },
      perSecond: values["per-second"] === undefined ? undefined : perSecond(values["per-second"]),
      graceMs: parseDuration("--grace", values.grace ?? "30s"),
      create: values.create ?? false,
      output: textOrJson("run", values),
    }
  },
} satisfies Record<Verb, (operands: Operands, values: Values, env: Surroundings["env"]) => object>

/** The parts of a request and its terms that add and amend take. */
function requestChanges(values: Values) {
  const { priority, lifetime } = values
  return {
    baseUrl: baseUrl(values),
    headers: (values.header ?? []).map(parseHeader),
    query: (values.query ?? []).map((text) => parsePair("--query", text)),
    bodyOptions: values,
    priority: priority === undefined ? undefined : parsePriority(priority),
    lifetimeMs: lifetime === undefined ? undefined : parseDuration("--lifetime", lifetime),
  }
}

function noOperand(verb: Verb, [first]: Operands): void {
  if (first !== undefined) throw new UsageError(`outbox ${verb} takes no ${JSON.stringify(first)}; give options alone`)
}

function oneId(verb: Verb, [first, ...more]: Operands): string {
  if (first === undefined) throw new UsageError(`the ID is missing; write steadfetch outbox ${verb} ID`)
  if (more.length > 0) throw new UsageError(`outbox ${verb} takes one ID; ${JSON.stringify(more[0])} is one too many`)
  return id("the ID", first)
}

function id(what: string, text: string): string {
  const prefix = text.toLowerCase()
  if (isIdPrefix(prefix)) return prefix
  throw new UsageError(
    `${what} is ${JSON.stringify(text)}; give an entry's id or at least 4 characters of its beginning, as a list shows it`,
  )
}

function states(values: Values) {
  return values.state?.map((state) => parseChoice("--state", state, outboxOptions.state.choices))
}

function textOrJson(verb: Verb, { output = "text" }: Values): "text" | "json" {
  if (output === "body") throw new UsageError(`outbox ${verb} prints no body; --output body is for show`)
  return parseChoice("--output", output, ["text", "json"])
}

function origin(text: string | undefined): string | undefined {
  return text === undefined ? undefined : new URL(checkedUrl(text)).origin
}

function baseUrl(values: Values): string | undefined {
  const text = values["base-url"]
  return text === undefined ? undefined : checkedUrl(text, "use --bearer-env NAME")
}

function editor(env: Surroundings["env"]): string {
  const named = env["VISUAL"] || env["EDITOR"]
  if (named !== undefined && named !== "") return named
  throw new UsageError(
    "--edit: neither VISUAL nor EDITOR names an editor; write EDITOR=vi, or give the body with --json",
  )
}

function parsePriority(text: string): number {
  if (/^-?\d{1,3}$/.test(text) && Math.abs(Number(text)) <= 100) return Number(text)
  throw new UsageError(`--priority is ${JSON.stringify(text)}; give a whole number from -100 to 100`)
}

function perSecond(text: string): number {
  const rate = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0
  if (rate > 0) return rate
  throw new UsageError(`--per-second is ${JSON.stringify(text)}; give a number above 0, such as 20 or 0.5`)
}
