/**
 * The value at a path of member names, "data.users". A member whose name holds dots, "@odata.nextLink", is found, too.
 * Undefined when there is none; what is inherited is no member.
 */
export function memberAt(value: unknown, path: string): unknown {
  const own = ownMember(value, path)
  if (own !== undefined) return own
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    const inner = memberAt(ownMember(value, path.slice(0, dot)), path.slice(dot + 1))
    if (inner !== undefined) return inner
  }
  return undefined
}

/** A copy of a value with something else at a path; objects that are missing on the way are made. */
export function withMember(value: unknown, path: string, member: unknown): object {
  const [name = "", ...rest] = path.split(".")
  const inner = rest.length === 0 ? member : withMember(ownMember(value, name), rest.join("."), member)
  // A computed name, so that "__proto__" would be a member like any other.
  return { ...(isRecord(value) ? value : {}), [name]: inner }
}

/** Whether a value has named members: an object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function ownMember(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined
}
