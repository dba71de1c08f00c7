export interface Step {
  readonly name: string
  readonly command: readonly string[]
  /** Steps that have to succeed first. */
  readonly after: readonly string[]
  /** A suite counts its tests; a check counts as one. */
  readonly kind: "check" | "suite"
  /** Part of `./dev check`: needs nothing built and runs no tests. */
  readonly isStatic: boolean
}

const check = (name: string, command: string): Step => ({
  name,
  command: command.split(" "),
  after: [],
  kind: "check",
  isStatic: true,
})

const checkOfBuild = (name: string, command: string): Step => ({
  ...check(name, command),
  after: ["build"],
  isStatic: false,
})

const suite = (name: string, project: string, after: readonly string[]): Step => ({
  name,
  command: [
    "vitest",
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${resultFile(name)}`,
  ],
  after,
  kind: "suite",
  isStatic: false,
})

/** Where a suite leaves its numbers, relative to the repository. */
export function resultFile(name: string): string {
  return `.cache/results/${name.replaceAll(" ", "-")}.json`
}

/** Everything `./dev test` runs; two at a time, in this order as far as `after` allows. */
export const steps: readonly Step[] = [
  { ...check("build", "node tools/build.ts"), isStatic: false },
  suite("unit tests", "unit", []),
  check("format", "oxfmt --check"),
  check("lint and import directions", "oxlint --deny-warnings"),
  check("types", "npm run --silent types"),
  check("unused code", "knip --no-progress"),
  check("committed files", "node tools/check-committed-files.ts"),
  check("doc snippets", "node tools/check-snippets.ts"),
  check("size ceilings", "node tools/check-size.ts"),
  checkOfBuild("public API", "node tools/report-api.ts"),
  checkOfBuild("packing", "node tools/check-packing.ts"),
  suite("end-to-end tests", "e2e", ["build"]),
  {
    name: "runtimes",
    command: [
      "node",
      "--conditions=@steadfetch/source",
      "e2e/runtimes/main.ts",
      `--result-file=${resultFile("runtimes")}`,
    ],
    after: ["build"],
    kind: "suite",
    isStatic: false,
  },
  suite("end-to-end tests on undici", "e2e-undici", []),
]
