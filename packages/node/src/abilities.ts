import { paging } from "steadfetch"

/** What calls on Node can do besides, unasked: nobody counts bytes here. */
export const nodeAbilities = [paging] as const
