import { downloads } from "./download-file.ts"

/** What calls on Node can do besides, unasked: nobody counts bytes here. */
export const nodeAbilities = [downloads] as const
