import { readArguments } from "../command.ts"
import type { Surroundings } from "../surroundings.ts"
import { nearest, UsageError } from "../usage-error.ts"
import { outboxOptions } from "./options.ts"
import { parseKey, parsePlace } from "./place.ts"
import { PARSERS, type Values } from "./verb-arguments.ts"
import { takes, VERB_NAMES, verbsWith, type Verb } from "./verbs.ts"

type Tasks = { readonly [V in Verb]: ReturnType<(typeof PARSERS)[V]> }

/** What each verb is to do. */
export type TaskOf<V extends Verb> = Common & Tasks[V]

export type OutboxTask = { [V in Verb]: TaskOf<V> & { readonly verb: V } }[Verb]

/** What every verb is told. */
type Common = ReturnType<typeof parseCommon>

/** The checked arguments of `steadfetch outbox`. @throws UsageError naming the option and the fix. */
export function parseOutbox(args: readonly string[], env: Surroundings["env"]): OutboxTask {
  const { values, positionals } = readArguments("outbox", outboxOptions, args)
  const [first, ...operands] = positionals
  const verb = parseVerb(first)
  for (const option of Object.keys(values)) {
    if (!takes(verb, option))
      throw new UsageError(`outbox ${verb} takes no --${option}; that is for ${verbsWith(option).join(" and ")}`)
  }
  // Each verb with its own parser, which the types cannot follow through a variable.
  return { verb, ...parseCommon(values, env), ...PARSERS[verb](operands, values, env) } as OutboxTask
}

function parseCommon(values: Values, env: Surroundings["env"]) {
  const name = values["key-env"]
  return {
    place: parsePlace(values, env),
    encryption: name === undefined ? undefined : { key: parseKey("--key-env", name, env) },
    quiet: values.quiet ?? false,
  }
}

function parseVerb(text: string | undefined): Verb {
  const listed = `${VERB_NAMES.slice(0, -1).join(", ")} or ${VERB_NAMES.at(-1)}`
  if (text === undefined) throw new UsageError(`say what to do with the outbox: ${listed}`)
  const verb = VERB_NAMES.find((name) => name === text)
  if (verb !== undefined) return verb
  const like = nearest(text, VERB_NAMES)
  throw new UsageError(
    `an outbox knows no ${JSON.stringify(text)}; ${like === undefined ? `there are ${listed}` : `did you mean ${like}?`}`,
  )
}
