import { expect, test } from "vitest"
import { refusal } from "./import-direction.ts"

const core = "packages/core/src"

test.each([
  ["an algorithm importing core", `${core}/algorithms/backoff.ts`, "../outcome.ts"],
  ["a policy importing another policy", `${core}/policies/retry.ts`, "./timeout.ts"],
  ["a part of a policy importing a policy", `${core}/policies/parts/failover-router.ts`, "../failover.ts"],
  ["a policy importing a client", `${core}/policies/retry.ts`, "../client.ts"],
  ["a policy importing a preset", `${core}/policies/retry.ts`, "../presets/standard.ts"],
  ["a policy importing the machine's clock", `${core}/policies/retry.ts`, "../system-clock.ts"],
  ["a policy importing a package", `${core}/policies/retry.ts`, "p-retry"],
  ["the client importing a policy", `${core}/client.ts`, "./policies/retry.ts"],
  ["the drop-in fetch importing a policy", `${core}/fetch.ts`, "./policies/retry.ts"],
  ["the drop-in fetch importing a preset", `${core}/fetch.ts`, "./presets/standard.ts"],
  ["a part importing a front door", `${core}/pipeline.ts`, "./steadfetch.ts"],
  ["a preset importing the client", `${core}/presets/standard.ts`, "../client.ts"],
  ["an ability importing another ability", `${core}/abilities/paging.ts`, "./polling.ts"],
  ["an ability importing a policy", `${core}/abilities/paging.ts`, "../policies/retry.ts"],
  ["the client importing an ability", `${core}/client.ts`, "./abilities/paging.ts"],
  ["core importing its own entry", `${core}/steadfetch.ts`, "./index.ts"],
  ["core importing a package", `${core}/steadfetch.ts`, "undici"],
  ["core importing Node", `${core}/body.ts`, "node:stream"],
  ["a package importing core's inner files", "packages/testing/src/index.ts", "../../core/src/outcome.ts"],
  ["a package importing a path below steadfetch", "packages/testing/src/index.ts", "steadfetch/src/outcome.ts"],
  ["the command line importing core's inner files", "packages/cli/src/main.ts", "../../core/src/outcome.ts"],
  ["the command line importing test tools", "packages/cli/src/main.ts", "@steadfetch/testing"],
  ["the undici transport importing test tools", "packages/node/src/index.ts", "@steadfetch/testing/fault-server"],
  ["the undici transport importing core's inner files", "packages/node/src/index.ts", "../../core/src/outcome.ts"],
  ["the undici transport importing another client", "packages/node/src/index.ts", "axios"],
  ["an example importing test tools", "examples/orders-api/src/main.ts", "@steadfetch/testing"],
  ["a tool importing a package of the project", "tools/build.ts", "steadfetch"],
])("%s is refused", (_, file, specifier) => {
  expect(refusal(file, specifier)).toContain(`${file} may not import ${specifier}: `)
})

test.each([
  ["an algorithm importing an algorithm", `${core}/algorithms/retry-after.ts`, "./http-date.ts"],
  ["a policy importing an algorithm", `${core}/policies/retry.ts`, "../algorithms/backoff.ts"],
  ["a policy importing a part", `${core}/policies/failover.ts`, "./parts/failover-router.ts"],
  ["a part of a policy importing the vocabulary", `${core}/policies/parts/failover-router.ts`, "../../outcome.ts"],
  ["a policy importing the vocabulary", `${core}/policies/retry.ts`, "../outcome.ts"],
  ["a preset importing a policy", `${core}/presets/standard.ts`, "../policies/retry.ts"],
  ["an ability importing a call", `${core}/abilities/paging.ts`, "../call.ts"],
  ["the front door importing a preset", `${core}/steadfetch.ts`, "./presets/standard.ts"],
  ["the entry re-exporting a policy", `${core}/index.ts`, "./policies/retry.ts"],
  ["the undici transport importing Node and undici", "packages/node/src/transport/attempt.ts", "undici"],
  ["a test importing what it likes", `${core}/policies/retry.test.ts`, "@steadfetch/testing"],
  ["a package importing core's entry", "packages/testing/src/index.ts", "steadfetch"],
  ["the command line importing the fault server", "packages/cli/src/main.ts", "@steadfetch/testing/fault-server"],
])("%s is accepted", (_, file, specifier) => {
  expect(refusal(file, specifier)).toBeUndefined()
})
