import { polling } from "steadfetch"

/** What calls on Node can do besides, unasked: nobody counts bytes here. */
export const nodeAbilities = [polling] as const
