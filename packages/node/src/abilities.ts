import { eventStreams, lineStreams, paging, polling, uploads, type Ability } from "steadfetch"
import { downloads } from "./downloads/download-file.ts"
import { fileUploads } from "./uploads/upload-file.ts"

/** What calls on Node can do besides, unasked: nobody counts bytes here. */
const nodeAbilities: readonly Ability[] = [downloads, eventStreams, fileUploads, lineStreams, paging, polling, uploads]

/** The methods of calls on Node; an ability of the user's takes the place of one with the same methods. */
export type NodeMethods<Own = unknown> = Omit<
  typeof downloads &
    typeof eventStreams &
    typeof fileUploads &
    typeof lineStreams &
    typeof paging &
    typeof polling &
    typeof uploads,
  keyof Own
> &
  Own

/** Node's abilities without the methods that are the user's, and the user's. */
export function withNodeAbilities(own: readonly Ability[] | undefined): readonly Ability[] {
  if (!Array.isArray(own)) return own ?? nodeAbilities
  const names = new Set(own.flatMap((ability) => Object.keys(ability ?? {})))
  const others = Object.entries(Object.assign({}, ...nodeAbilities) as Ability).filter(([name]) => !names.has(name))
  return [Object.fromEntries(others), ...own]
}
