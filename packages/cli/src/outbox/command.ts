import type { Command } from "../command.ts"
import { parseOutbox } from "./arguments.ts"
import { outboxOptions } from "./options.ts"
import { VERB_NAMES, VERBS } from "./verbs.ts"

export const outboxCommand: Command = {
  name: "outbox",
  summary:
    "Looks after an outbox: the calls that a program has written down, because they must happen, and what has become of them.",
  usage: `${VERB_NAMES.join("|")} [OPTIONS]`,
  options: outboxOptions,
  examples: [
    ["which calls the API refused", "steadfetch outbox list --store outbox.db --state rejected"],
    ["from here on without --store", "export STEADFETCH_OUTBOX=outbox.db"],
    ["what the server said, and what to do next", "steadfetch outbox show 0199c2a4-7b"],
    ["corrected, and sent again", `steadfetch outbox amend 0199c2a4-7b --json '{"amount": 450}'`],
    ["in an editor", "EDITOR=vi steadfetch outbox amend 0199c2a4-7b --edit"],
    ["what an outage let expire, once it is over", "steadfetch outbox retry --state expired --yes"],
    ["deliver", "steadfetch outbox run --base-url https://api.example.com/v1 \\\n  --bearer-env TOKEN"],
    ["PostgreSQL, with a password that nobody sees", "steadfetch outbox stats --store-env OUTBOX_URL"],
  ],
  notes: [
    VERB_NAMES.map((verb) => `  ${VERBS[verb].usage.padEnd(18)}${VERBS[verb].does}`).join("\n"),
    "An ID may be cut to its beginning, as in a list, while no other begins so.",
    "What is amended, retried or added is sent by the process that delivers: outbox.run() in a program, or steadfetch outbox run. Ctrl-C lets that finish what is under way; a second one breaks it off and gives it back.",
    "Exit codes: 0 done, 1 not: no such entry, not in a state for it, a store that cannot be used, 2 bad usage, 130 deliveries were broken off.",
  ],
  parse: parseOutbox,
  run: async (args, surroundings) =>
    (await import("./outbox.ts")).outbox(parseOutbox(args, surroundings.env), surroundings),
}
