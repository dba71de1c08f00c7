import type { Command } from "../command.ts"
import { parseUpload } from "./arguments.ts"
import { uploadOptions } from "./options.ts"

export const uploadCommand: Command = {
  name: "upload",
  summary:
    "Uploads a file to a server that speaks tus 1.0.0, and goes on where it stopped: when the connection breaks by itself, and after Ctrl-C or a crash when the same command is run again.",
  usage: "FILE URL [OPTIONS]",
  options: uploadOptions,
  examples: [
    ["the URL is the one that creates uploads", "steadfetch upload video.mp4 https://tus.example.com/files"],
    [
      "with what the server wants to know of it",
      "steadfetch upload video.mp4 https://tus.example.com/files \\\n  --metadata filetype=video/mp4",
    ],
    [
      "behind a proxy that takes 50 MB at most",
      "steadfetch upload video.mp4 https://tus.example.com/files \\\n  --chunk-bytes 50000000",
    ],
    ["for a script", 'url=$(steadfetch upload "$file" "$endpoint" --bearer-env TOKEN --quiet)'],
  ],
  notes: [
    "The URL of the complete upload goes to standard output, all else to standard error. Until it is complete, its URL is kept in FILE.upload.json, which its owner alone can read.",
    "Exit codes: 0 success, 4 client error, 5 server error, 7 no reply, 1 the server does not speak tus, or the file changed meanwhile, 2 bad usage, 130 interrupted.",
  ],
  parse: parseUpload,
  run: async (args, surroundings) =>
    (await import("./upload.ts")).upload(parseUpload(args, surroundings.env), surroundings),
}
