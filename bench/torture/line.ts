/** So many requests of a caller in a row have the same ordering key. */
const LENGTH = 20

/** The ordering key of a request, by its name PROCESS-CALLER-NUMBER: every second caller wants its requests in order. */
export function lineOf(name: string): string | undefined {
  const [owner = "", caller, number] = name.split("-")
  return Number(caller) % 2 === 0 ? undefined : `${owner}-${caller}-${Math.floor(Number(number) / LENGTH)}`
}
