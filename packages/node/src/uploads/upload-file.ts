import { basename, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import {
  ABORTED,
  checkFunction,
  refuse,
  shown,
  untilAborted,
  uploads,
  type Call,
  type Uploaded,
  type UploadOptions,
} from "steadfetch"
import { UploadFileSource } from "./upload-file-source.ts"
import { UploadState } from "./upload-state.ts"

/** Options of an upload of a file. */
export interface FileUploadOptions extends UploadOptions {
  /**
   * A file in which the upload's URL is kept until it is whole, so that the same program, run again, goes on where it was
   * left: `"video.mp4.upload.json"`. It is for this file, in this version (size and time of change), and this place to
   * upload to; for any other the upload is begun anew. Its owner alone can read it. Default: none.
   */
  readonly resumeFile?: string | URL | undefined
}

/** Uploads of files, in constant memory, that go on where they were cut off. */
export const fileUploads = {
  /**
   * Uploads a file by the tus protocol: `api.post("/files").uploadFile("video.mp4", { resumeFile: "video.mp4.upload.json" })`.
   * It is read as the connection takes it. All that `upload` does and throws holds; the server is told the file's name as
   * `filename` unless `metadata` says otherwise.
   * @throws As `upload` does; SteadfetchError when the file changes meanwhile; what the file system says.
   */
  async uploadFile(this: Call, file: string | URL, options: FileUploadOptions = {}): Promise<Uploaded> {
    const { signal } = this.context.options
    const prepared = await untilAborted(prepare(this, file, options), signal)
    if (prepared === ABORTED) throw signal?.reason
    const { source, state, own } = prepared
    const uploaded = await uploads.upload.call(this, source, own)
    await state?.remove()
    return uploaded
  },
}

interface Prepared {
  readonly source: UploadFileSource
  readonly state: UploadState | undefined
  readonly own: UploadOptions
}

async function prepare(call: Call, file: string | URL, options: FileUploadOptions): Promise<Prepared> {
  const { resumeFile, ...own } = options
  if (resumeFile !== undefined && own.uploadUrl !== undefined)
    refuse("resumeFile", '"uploadUrl" is given, too', "one of them")
  checkFunction("onCreated", own.onCreated)
  const source = await UploadFileSource.of(pathOf("file", file))
  const named: UploadOptions = { ...own, metadata: own.metadata ?? { filename: basename(source.path) } }
  if (resumeFile === undefined) return { source, state: undefined, own: named }
  const { origin, pathname } = new URL(call.context.address())
  const subject = { path: source.path, ...source.version, endpoint: origin + pathname }
  const state = new UploadState(pathOf("resumeFile", resumeFile), subject)
  const onCreated: UploadOptions["onCreated"] = async (created) => {
    await state.save(created.url)
    await own.onCreated?.(created)
  }
  return { source, state, own: { ...named, uploadUrl: await state.url(), onCreated } }
}

function pathOf(name: string, given: string | URL): string {
  if (given instanceof URL && given.protocol === "file:") return fileURLToPath(given)
  if (typeof given === "string" && given !== "") return resolve(given)
  return refuse(name, shown(given), "a path, or a file: URL")
}
