const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** IMF-fixdate, RFC 850 and asctime; the zone is always UTC (RFC 9110 §5.6.7). */
const FORMS = [
  /^\w{3}, (?<day>\d\d) (?<month>\w{3}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^\w{6,9}, (?<day>\d\d)-(?<month>\w{3})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^\w{3} (?<month>\w{3}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
]

/**
 * An HTTP date in milliseconds since 1970, or undefined when it has none of the three forms.
 * A two-digit year more than 50 years ahead of `dateMs` lies in the past century; second 60 is legal.
 */
export function parseHttpDate(text: string, dateMs: number): number | undefined {
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups
    if (parts === undefined) continue
    const { day = "", month = "", year = "", time = "" } = parts
    const [hour = 0, minute = 0, second = 0] = time.split(":").map(Number)
    const monthIndex = MONTHS.indexOf(month)
    if (monthIndex < 0 || hour > 23 || minute > 59 || second > 60) return undefined
    const fullYear = year.length === 2 ? centuryOf(Number(year), dateMs) : Number(year)
    const midnight = Date.UTC(fullYear, monthIndex, Number(day))
    if (new Date(midnight).getUTCDate() !== Number(day)) return undefined
    return midnight + ((hour * 60 + minute) * 60 + second) * 1000
  }
  return undefined
}

function centuryOf(twoDigits: number, dateMs: number): number {
  const thisYear = new Date(dateMs).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + twoDigits
  return year > thisYear + 50 ? year - 100 : year
}
