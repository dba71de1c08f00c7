const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"

/** IMF-fixdate and RFC 850 in one, and asctime; the zone is always UTC (RFC 9110 §5.6.7). */
const FORMS = [
  /^\w{3,9}, (?<day>\d\d)[ -](?<month>\w{3})[ -](?<year>\d\d|\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^\w{3} (?<month>\w{3}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
]

/**
 * An HTTP date in milliseconds since 1970, or undefined when it has none of the three forms.
 * A two-digit year more than 50 years ahead of `dateMs` lies in the past century; second 60 is legal.
 */
export function parseHttpDate(text: string, dateMs: number): number | undefined {
  const parts = FORMS.map((form) => form.exec(text)?.groups).find(Boolean)
  if (parts === undefined) return undefined
  const [hour = 99, minute = 99, second = 99] = (parts["time"] ?? "").split(":").map(Number)
  const month = MONTHS.indexOf(parts["month"] ?? "?") / 3
  const day = Number(parts["day"])
  const midnight = Date.UTC(fullYear(parts["year"] ?? "", dateMs), month, day)
  const valid = Number.isInteger(month) && month >= 0 && new Date(midnight).getUTCDate() === day
  return valid && hour < 24 && minute < 60 && second <= 60
    ? midnight + ((hour * 60 + minute) * 60 + second) * 1000
    : undefined
}

function fullYear(year: string, dateMs: number): number {
  if (year.length > 2) return Number(year)
  const thisYear = new Date(dateMs).getUTCFullYear()
  const near = thisYear - (thisYear % 100) + Number(year)
  return near > thisYear + 50 ? near - 100 : near
}
