import { eventStreams, lineStreams } from "steadfetch"

/** What calls on Node can do besides, unasked: nobody counts bytes here. */
export const nodeAbilities = [eventStreams, lineStreams] as const
