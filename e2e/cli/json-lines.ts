/** The objects that a command printed, one per line. */
export function jsonLines<T>(stdout: Buffer): T[] {
  return stdout
    .toString()
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T)
}
