import type { Command } from "../command.ts"
import { parseTour, tourOptions } from "./arguments.ts"

export const tourCommand: Command = {
  name: "tour",
  summary:
    "Starts an example API on this machine and makes one call of every kind in the contract, showing what came, what the client did and why. It needs no network.",
  usage: "[--url URL [OPTIONS]]",
  options: tourOptions,
  examples: [
    ["everything, in a few seconds", "steadfetch tour"],
    ["against an API of yours: GET and HEAD only", "steadfetch tour --url https://api.example.com/users"],
    [
      "with its token, and calls that take longer",
      "steadfetch tour --url https://api.example.com/me --bearer-env TOKEN \\\n  --deadline 1m",
    ],
  ],
  notes: ["It exits with 0 only when each call ended as the contract says, and with 1 when one did not."],
  parse: parseTour,
  run: async (args, surroundings) => (await import("./tour.ts")).tour(parseTour(args, surroundings.env), surroundings),
}
