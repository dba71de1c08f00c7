/** IMF-fixdate and RFC 850 in one; the zone is always UTC (RFC 9110 §5.6.7). */
const FORM = /^\w{3,9}, (\d\d)[ -](\w{3})[ -](\d\d|\d{4}) (\d\d:\d\d:\d\d) GMT$/

const ASCTIME = /^(\w{3}) (\w{3}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})$/

/**
 * An HTTP date in milliseconds since 1970, or undefined when it has none of the three forms.
 * A two-digit year more than 50 years ahead of `dateMs` lies in the past century; second 60 is legal.
 */
export function parseHttpDate(text: string, dateMs: number): number | undefined {
  const parts = FORM.exec(text.replace(ASCTIME, "$1, $3 $2 $5 $4 GMT").replace(",  ", ", 0"))
  if (parts === null) return undefined
  const [, day, month, year = "", time = ""] = parts
  const utc = `${day} ${month} ${fullYear(year, dateMs)} ${time.replace(/:60$/, ":59")} GMT`
  const date = new Date(utc)
  // Written out again it is the same, unless there is no such day, month or time.
  if (!date.toUTCString().endsWith(utc)) return undefined
  return date.getTime() + (time.endsWith(":60") ? 1000 : 0)
}

/** The year with these last digits that is at most 50 years ahead, and less than 50 back. */
function fullYear(year: string, dateMs: number): string {
  if (year.length > 2) return year
  const latest = new Date(dateMs).getUTCFullYear() + 50
  return String(latest - ((latest - Number(year)) % 100))
}
