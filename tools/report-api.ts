/**
 * Compares the public API of every entry point with its reviewed report in etc/, after a build.
 * With --update it builds and rewrites the reports: review their change with the change that caused it.
 */
import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor"
import { publishedPackages, type Entry } from "./published-packages.ts"
import { root, runCommand } from "./run-command.ts"

const reviewed = join(root, "etc")
const fresh = join(root, ".cache/api")

/** Their types are made by types that have names for their readers, and are no names for users. */
const computesTypes: readonly string[] = ["packages/openapi"]

function configure(reportName: string, { types }: Entry, folder: string): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: join(root, folder),
      mainEntryPointFilePath: join(root, types),
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: "ES2022",
            lib: ["ES2023", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
            module: "NodeNext",
            moduleResolution: "NodeNext",
            types: ["node"],
            strict: true,
            skipLibCheck: true,
          },
          files: [join(root, types)],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${reportName}.api.md`,
        reportFolder: reviewed,
        reportTempFolder: fresh,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          "ae-missing-release-tag": { logLevel: ExtractorLogLevel.None },
          "ae-undocumented": { logLevel: ExtractorLogLevel.None },
          ...(computesTypes.includes(folder) ? { "ae-forgotten-export": { logLevel: ExtractorLogLevel.None } } : {}),
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, folder, "package.json"),
  })
}

async function report(entry: Entry, folder: string, update: boolean): Promise<boolean> {
  const name = entry.specifier.replace("@", "").replaceAll("/", "-")
  if (!existsSync(join(root, entry.types))) {
    console.log(`${entry.specifier}: ${entry.types} is missing. Run ./dev build first.`)
    return false
  }
  const problems: string[] = []
  const result = Extractor.invoke(configure(name, entry, folder), {
    localBuild: update,
    messageCallback(message) {
      message.handled = true
      if (message.logLevel === ExtractorLogLevel.Error) problems.push(message.formatMessageWithLocation(root))
    },
  })
  if (problems.length > 0) console.log(`${entry.specifier}:\n  ${problems.join("\n  ")}`)
  if (!result.apiReportChanged) return problems.length === 0
  if (update) {
    console.log(`etc/${name}.api.md rewritten`)
    return problems.length === 0
  }
  const { output } = await runCommand(["git", "diff", "--no-index", `etc/${name}.api.md`, `.cache/api/${name}.api.md`])
  console.log(`${entry.specifier}: its public API is not the reviewed one:\n${output}`)
  console.log(`If that is meant, run ./dev api and commit etc/${name}.api.md.`)
  return false
}

const update = process.argv.includes("--update")
if (update) {
  const { succeeded, output } = await runCommand(["node", "tools/build.ts"])
  if (!succeeded) throw new Error(output)
}
await mkdir(reviewed, { recursive: true })
for (const { entries, folder } of publishedPackages) {
  for (const entry of entries) {
    if (!(await report(entry, folder, update))) process.exitCode = 1
  }
}
