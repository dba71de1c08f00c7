import type { Command } from "../command.ts"
import { parseDownload } from "./arguments.ts"
import { downloadOptions } from "./options.ts"

export const downloadCommand: Command = {
  name: "download",
  summary:
    "Downloads to a file, and goes on where it stopped: when the connection breaks by itself, and after Ctrl-C or a crash when the same command is run again.",
  usage: "URL [FILE] [OPTIONS]",
  options: downloadOptions,
  examples: [
    ["to a file of the server's name", "steadfetch download https://example.com/releases/2.1/app.tar.gz"],
    ["to a file, or into a folder", "steadfetch download https://example.com/exports/2026.csv exports/"],
    [
      "checked against a published digest",
      `steadfetch download https://example.com/app.tar.gz --digest "sha-256=$sum"`,
    ],
    ["for a script", 'file=$(steadfetch download "$url" --quiet) && tar xf "$file"'],
  ],
  notes: [
    "Without FILE, or with a folder, the file gets the name in Content-Disposition, else the last segment of the URL. Its path goes to standard output, all else to standard error.",
    "What has arrived is in FILE.part until the file is whole. A file that is there is replaced with --overwrite alone.",
    "Exit codes: 0 success, 4 client error, 5 server error, 7 no reply, or too many that brought nothing, 1 what came cannot be kept (a wrong digest, a file that is there, a full disk), 2 bad usage, 130 interrupted.",
  ],
  parse: parseDownload,
  run: async (args, surroundings) =>
    (await import("./download.ts")).download(parseDownload(args, surroundings.env), surroundings),
}
