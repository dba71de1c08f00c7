/** `{origin}`, `{origin:NAME}`, `{date}`, `{date+2s}`, `{date-500ms}`; units are ms, s, m and h. */
const PLACEHOLDER = /\{(?:(origin)(?::([\w.-]+))?|date(?:([+-]\d{1,9})(ms|s|m|h))?)\}/g

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** What placeholders are filled in from. */
export interface PlaceholderValues {
  readonly origin: string
  readonly others: Readonly<Record<string, string>>
  /** The time of day, in milliseconds since 1970-01-01 UTC. */
  date(): number
}

/** Fills in all placeholders. Dates are IMF-fixdate (RFC 9110 §5.6.7), rounded up to the second: never earlier than asked. */
export function fillPlaceholders(text: string, values: PlaceholderValues): string {
  return text.replace(PLACEHOLDER, (all, origin?: string, name?: string, amount?: string, unit?: string) => {
    if (origin !== undefined) return name === undefined ? values.origin : (values.others[name] ?? all)
    const instantMs = values.date() + Number(amount ?? 0) * (UNIT_MS[unit ?? "ms"] ?? 1)
    return new Date(Math.ceil(instantMs / 1000) * 1000).toUTCString()
  })
}

/** The names used as `{origin:NAME}`. */
export function namedOrigins(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap((match) => match[2] ?? [])
}

/** Whether something starts like a placeholder but is none, as `{date+2sec}`. */
export function hasBrokenPlaceholder(text: string): boolean {
  return /\{(origin|date)\b/.test(text.replace(PLACEHOLDER, ""))
}
