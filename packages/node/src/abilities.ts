import { uploads } from "steadfetch"
import { fileUploads } from "./upload-file.ts"

/** What calls on Node can do besides, unasked: nobody counts bytes here. */
export const nodeAbilities = [fileUploads, uploads] as const
