import { ConfigurationError, SECRET_HEADER, type HeaderList } from "steadfetch"

/** Words in the names of query parameters whose values are credentials. */
const SECRET_WORDS: readonly string[] = [
  "key", "apikey", "token", "secret", "sig", "signature", "password", "passwd", "auth", "authorization", "credential",
  "credentials", "session", "sessionid", "jwt", "pwd",
] // prettier-ignore

/** Ends of words that are written together: `accesstoken`, `clientsecret`. */
const SECRET_END = /(token|secret|password|passphrase|apikey|accesskey)$/

/**
 * Refuses credentials: what is stored outlives them, and is read by more people. The client obtains them when it sends.
 * @throws ConfigurationError that names the field or parameter, not its value.
 */
export function refuseSecrets(url: string, headers: HeaderList): void {
  for (const [name] of headers) {
    if (name === "idempotency-key") {
      throw new ConfigurationError(
        'header "idempotency-key" is made by the outbox; to set it yourself give "idempotencyKey"',
      )
    }
    if (SECRET_HEADER.test(name)) {
      throw new ConfigurationError(
        `header "${name}" may be a credential, which is not stored; give it to the client ("auth" or "headers"), which adds it when the entry is sent`,
      )
    }
  }
  const query = url.indexOf("?")
  if (query < 0) return
  for (const name of new URLSearchParams(url.slice(query)).keys()) {
    if (isSecretParameter(name)) {
      throw new ConfigurationError(
        `query parameter "${name}" may be a credential, which is not stored; give it to the client ("auth: apiKey()" or "query"), which adds it when the entry is sent`,
      )
    }
  }
}

/** By whole words, so that `author`, `design` and `keyword` are what they are. */
function isSecretParameter(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$1$3 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
  return words.some((word) => SECRET_WORDS.includes(word) || SECRET_END.test(word))
}
