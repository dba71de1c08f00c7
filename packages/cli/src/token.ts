import { UsageError } from "./usage-error.ts"

/** The token in the variable that `--bearer-env` names. @throws UsageError when there is none. */
export function tokenFrom(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const token = env[name]
  if (token !== undefined && token !== "") return token
  const what = token === undefined ? "not set" : "empty"
  throw new UsageError(`--bearer-env: the environment variable ${name} is ${what}; export it first`)
}
