import { relative, sep } from "node:path"
import { definePlugin, type CreateRule, type ESTree } from "@oxlint/plugins"
import { refusal } from "./import-direction.ts"

/** The rules of this project that no linter ships, as an oxlint plugin. */

const importDirection: CreateRule = {
  create(context) {
    const file = relative(context.cwd, context.physicalFilename).split(sep).join("/")
    const check = (node: ESTree.Node, source: ESTree.Node | null): void => {
      if (source?.type !== "Literal" || typeof source.value !== "string") return
      const message = refusal(file, source.value)
      if (message !== undefined) context.report({ node, message })
    }
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source),
    }
  },
}

/** `new Date(ms)` converts an instant; `new Date()` and `Date()` read the clock. */
const noCurrentDate: CreateRule = {
  create(context) {
    const message = "Reads the machine's clock: take the time from runtime.clock.now()."
    return {
      NewExpression(node) {
        if (isDate(node.callee) && node.arguments.length === 0) context.report({ node, message })
      },
      CallExpression(node) {
        if (isDate(node.callee)) context.report({ node, message })
      },
    }
  },
}

function isDate(callee: ESTree.Node): boolean {
  return callee.type === "Identifier" && callee.name === "Date"
}

/** Other modules take names from where they are made, so that an entry point is the only list of names. */
const noInnerBarrel: CreateRule = {
  create(context) {
    const message = "Only an entry point (index.ts) re-exports: import the name from the file that makes it."
    return {
      ExportAllDeclaration: (node) => context.report({ node, message }),
      ExportNamedDeclaration(node) {
        if (node.source !== null) context.report({ node, message })
      },
    }
  },
}

export default definePlugin({
  meta: { name: "house" },
  rules: {
    "import-direction": importDirection,
    "no-current-date": noCurrentDate,
    "no-inner-barrel": noInnerBarrel,
  },
})
