import { ConfigurationError, failure, type RequestOptions } from "steadfetch"
import { clientFor, type ClientSettings } from "./run.ts"

/** Tells why a call cannot be made; undefined for one that can. The client itself says it; nothing goes further. */
export function refusals(settings: ClientSettings) {
  const transport = { send: async () => failure("rejected", "nothing is sent"), close: async () => {} }
  const client = clientFor(settings, transport)
  return async (method: string, url: string, options: RequestOptions): Promise<string | undefined> => {
    try {
      await client.request(method, url, options).outcome()
      return undefined
    } catch (error) {
      if (!ConfigurationError.is(error)) throw error
      return error.message
    }
  }
}
