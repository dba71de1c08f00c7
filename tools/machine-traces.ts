export interface MachineTrace {
  readonly line: number
  readonly trace: string
}

const traces = [
  // A registry's host, and any tarball address in a lock file.
  /\bregistry\.[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi,
  /"resolved": "(?:https?|git)[^"]*"/g,
  // A folder of one person's machine; API paths such as /users are lower case and not meant.
  /(?<![\w.~-])\/(?:home|Users)\/[\w.-]+\//g,
  /(?<![\w.~:/-])\/(?:root|tmp|work)\/[\w.-]+/g,
  /\b[A-Z]:\\Users\\/g,
]

/** Where a text names a registry's host or an absolute path of one machine. */
export function machineTraces(text: string): MachineTrace[] {
  return traces.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({
      line: text.slice(0, match.index).split("\n").length,
      trace: match[0],
    })),
  )
}
