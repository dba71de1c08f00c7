import { availableParallelism } from "node:os"
import { type Explanation, explains } from "./explanation.ts"
import type { Mutant } from "./mutant.ts"
import { counts, score, survivors } from "./score.ts"

/** What the command was asked for, and how long it took. */
export interface Run {
  readonly day: string
  /** Of a run over all files. */
  readonly minutes: number | undefined
  readonly requiredPercent: number
  /** Files whose mutants no run has tried. */
  readonly untried: readonly string[]
}

const percent = (number: number): string => `${number.toFixed(1)} %`
const inOneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ").trim()
const shortened = (text: string): string => (text.length > 70 ? `${text.slice(0, 67)}...` : text)
const shownFile = (file: string): string => file.replace("packages/core/src/", "")

/** As a code span, whatever backticks it holds. */
function code(text: string): string {
  const shown = shortened(inOneLine(text))
  if (shown === "") return "nothing"
  const cell = shown.replaceAll("|", "\\|")
  return cell.includes("`") ? `\`\` ${cell} \`\`` : `\`${cell}\``
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)))
  const line = (cells: readonly string[], fill = " "): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`
  return [line(head), line([], "-"), ...rows.map((row) => line(row))].join("\n")
}

function scoreRow(name: string, mutants: readonly Mutant[]): string[] {
  const { killed, timedOut, survived, notRun, percent: found } = score(mutants)
  return [name, percent(found), `${killed}`, `${timedOut}`, `${survived}`, `${notRun}`]
}

/** The scores per file, the lowest first, and in all. */
export function scoreTable(mutants: readonly Mutant[]): string {
  const files = [...Map.groupBy(mutants.filter(counts), ({ file }) => file)]
  const sorted = files.toSorted(([a, ofA], [b, ofB]) => score(ofA).percent - score(ofB).percent || (a < b ? -1 : 1))
  const rows = sorted.map(([file, ofFile]) => scoreRow(shownFile(file), ofFile))
  return table(["File", "Found", "Killed", "Timed out", "Survived", "Not run"], [...rows, scoreRow("all", mutants)])
}

function survivorTable(mutants: readonly Mutant[]): string {
  return table(
    ["Where", "Mutator", "Instead of", "Stands"],
    mutants.map(({ file, line, mutator, original, replacement }) => [
      `${shownFile(file)}:${line}`,
      mutator,
      code(original),
      code(replacement),
    ]),
  )
}

/** Explanations that are about no survivor any more. */
export function idleExplanations(mutants: readonly Mutant[], explanations: readonly Explanation[]): Explanation[] {
  const living = survivors(mutants)
  return explanations.filter((explanation) => !living.some((mutant) => explains(explanation, mutant)))
}

/** The survivors that nothing explains. */
export function unexplained(mutants: readonly Mutant[], explanations: readonly Explanation[]): Mutant[] {
  return survivors(mutants).filter((mutant) => !explanations.some((explanation) => explains(explanation, mutant)))
}

/** The survivors by explanation; each stands with the first that fits. */
function explainedSections(mutants: readonly Mutant[], explanations: readonly Explanation[]): string[] {
  const byExplanation = Map.groupBy(survivors(mutants), (mutant) =>
    explanations.find((explanation) => explains(explanation, mutant)),
  )
  const told = explanations.flatMap((explanation) => {
    const group = byExplanation.get(explanation)
    return group === undefined ? [] : [{ ...explanation, group }]
  })
  return [...Map.groupBy(told, ({ kind }) => kind)].map(([kind, groups]) => {
    const count = groups.reduce((sum, { group }) => sum + group.length, 0)
    return [`### ${kind}: ${count}`, ...groups.flatMap(({ why, group }) => [why, survivorTable(group)])].join("\n\n")
  })
}

/** How the page came about. */
function origin({ day, minutes }: Run): string {
  const duration = minutes === undefined ? "" : `, in ${minutes.toFixed(0)} min on ${availableParallelism()} cores`
  return `This page is written by \`npm run mutation -- --write\` (last on ${day}${duration}). \`npm run mutation\` prints
the scores, and exits with 1 below what is required. Mutants of unchanged code whose tests have not changed are taken
over from the last run; \`--fresh\` tries all of them again, and \`--file NAME\` (also several times) those of one file only.`
}

const PARTS = `**Not a whole run:** this is put together from runs over some of the files each, of which some were cut short. A row may
hold only some of its file's mutants, or tell of tests that have been added to since.`

const METHOD = `Mutants are StrykerJS's, but for two kinds: string literals (words of messages; types and names, which the compiler
knows) and what is evaluated once, on import (tables of constants and regular expressions), count neither way. The tests
are core's unit tests, without the statistical experiments. Property tests have a fixed seed, so
that the same mutants die every time. A mutant that times out is found: it lets a promise wait for ever, or a loop run.`

/** The text of docs/mutation.md. */
export function page(mutants: readonly Mutant[], explanations: readonly Explanation[], run: Run): string {
  const { killed, timedOut, survived, notRun, percent: found } = score(mutants)
  const open = unexplained(mutants, explanations)
  const { requiredPercent, untried } = run
  return [
    "# Mutation testing",
    `${killed + timedOut + survived + notRun} small changes ("mutants") were made to the policies and algorithms of core, one at a time, and core's tests
were run against each: ${percent(found)} were found (${killed} killed, ${timedOut} timed out; ${survived} survived, ${notRun} run by no test). Required are
${requiredPercent} %.`,
    origin(run),
    ...(run.minutes === undefined ? [PARTS] : []),
    METHOD,
    "## Scores",
    scoreTable(mutants),
    ...(untried.length === 0 ? [] : [`Not tried yet: ${untried.map(shownFile).join(", ")}.`]),
    "## Survivors, and why",
    `The explanations stand in bench/mutation/explained.ts. "equivalent": behaves the same; "speed only": differs in speed
or memory alone; "message text": changes words that no test asks for.`,
    ...explainedSections(mutants, explanations),
    ...(open.length === 0 ? [] : [`### not explained: ${open.length}`, survivorTable(open)]),
  ].join("\n\n")
}
