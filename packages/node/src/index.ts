/**
 * steadfetch for Node: everything that the package `steadfetch` exports, with undici's dispatcher as the transport.
 *
 * @packageDocumentation
 */

export * from "steadfetch"
export { createFetch } from "./create-fetch.ts"
export { downloads, type FileDownloaded, type FileDownloadOptions } from "./downloads/download-file.ts"
export type { NodeMethods } from "./abilities.ts"
export { nodeClock } from "./node-clock.ts"
export type { RelayOptions } from "./relay/relay-options.ts"
export type { BodyReader } from "./relay/relayed-body.ts"
export type { FlatFields } from "./relay/relayed-fields.ts"
export { relayedBody, relayedHeaders, type RelayedHeaders, type RelayedReplyBody } from "./relay/relayed-reply.ts"
export { steadfetch } from "./steadfetch.ts"
export { undiciTransport, type UndiciTransportOptions } from "./transport/undici-transport.ts"
export { fileUploads, type FileUploadOptions } from "./uploads/upload-file.ts"
