/** Names of query parameters, with the marks around them. */
const SECRET_PARAMETER = /key|token|secret|sig|passw|auth|credential|session|^.(code|jwt)=$/i

/** Request header fields whose values are credentials. */
export const SECRET_HEADER: RegExp = /^(proxy-)?authorization$|^cookie$|key$|token|secret|passw|session/

const REDACTED = "REDACTED"

/** Short texts are no secrets, and replacing them would garble messages. */
const SHORTEST_SECRET = 6

/** A URL without user name, password, fragment and the values of query parameters that look like credentials. */
export function redactUrl(url: string): string {
  return url
    .replace(/#.*/s, "")
    .replace(/^((?:[a-z][a-z\d+.-]*:)?\/\/)[^/?@]*@/i, "$1")
    .replace(/([?&][^=&]*=)[^&]*/g, (pair, name: string) => (SECRET_PARAMETER.test(name) ? name + REDACTED : pair))
}

/** The values in a URL's query that look like credentials. */
export function secretsIn(url: string): string[] {
  const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1])
  return [...query].flatMap(([name, value]) => (SECRET_PARAMETER.test(`?${name}=`) ? value : []))
}

/** A text with these secrets taken out, also where only the part after the scheme ("Bearer …") or one cookie is quoted. */
export function redactText(text: string, secrets: Iterable<string>): string {
  let clean = text
  for (const secret of secrets) {
    for (const form of [secret, secret.slice(secret.indexOf(" ") + 1), ...cookies(secret)].flatMap(spellings)) {
      if (form.length >= SHORTEST_SECRET) clean = clean.replaceAll(form, REDACTED)
    }
  }
  return clean
}

function cookies(secret: string): readonly string[] {
  return secret.includes(";") ? secret.split(";").map((pair) => pair.slice(pair.indexOf("=") + 1)) : []
}

/** As it is, in JSON (with and without escaped slashes), and in a query. */
function spellings(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  return [secret, json, json.replaceAll("/", "\\/"), new URLSearchParams({ "": secret }).toString().slice(1)]
}
