import type { Command } from "../command.ts"
import { parseGenerate } from "./arguments.ts"
import { generateOptions } from "./options.ts"

export const generateCommand: Command = {
  name: "generate",
  summary: "Writes the types of an OpenAPI document for @steadfetch/openapi.",
  usage: "FILE|URL --output FILE [OPTIONS]",
  options: generateOptions,
  examples: [
    ["types, and what a client needs to know beside them", "steadfetch generate openapi.yaml -o src/api.ts"],
    ["from where the API serves it", "steadfetch generate https://api.example.com/openapi.json -o api.ts"],
    ["types alone", "steadfetch generate openapi.yaml -o src/api.d.ts"],
    ["in CI: is the committed file that of the document?", "steadfetch generate openapi.yaml -o src/api.ts --check"],
  ],
  notes: [
    "The document is JSON or YAML, of OpenAPI 3.0 or 3.1; what it refers to in other files or at other URLs is put in.",
    "Exit codes: 0 written, or up to date; 1 out of date (--check); 2 bad usage, or a document that cannot be used; 4, 5 and 7 as those of call, for a URL.",
  ],
  parse: parseGenerate,
  run: async (args, surroundings) => (await import("./generate.ts")).generate(parseGenerate(args), surroundings),
}
