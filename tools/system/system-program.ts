import { thisMachine, type Machine } from "./machine.ts"

/**
 * The path of a program; where it is missing, its Debian package is installed first, by root or through sudo.
 * @throws Error that says what to install, when that cannot be done
 */
export async function systemProgram(
  program: string,
  debianPackage: string,
  machine: Machine = thisMachine,
): Promise<string> {
  const present = await machine.find(program)
  if (present !== undefined) return present
  const obstacle = await install(debianPackage, machine)
  const installed = await machine.find(program)
  if (installed !== undefined) return installed
  throw new Error(
    `${program} is missing: ${obstacle ?? `the package ${debianPackage} brought no such program`}. ` +
      `Install it (on Debian and Ubuntu: apt-get install ${debianPackage}), then run this again.`,
  )
}

/** Says what stood in the way, if anything did. */
async function install(debianPackage: string, machine: Machine): Promise<string | undefined> {
  if ((await machine.find("apt-get")) === undefined) return "there is no apt-get to install it with"
  const prefix = await privilege(machine)
  if (prefix === undefined) return "installing it takes root, or sudo without a password"
  // Two test files may come here at once: the second waits for the first.
  const lockSeconds = 120
  const aptGet = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
  // Lists may be missing or old; where they cannot be had, those that are here may still do.
  await machine.run([...aptGet, "-o", `DPkg::Lock::Timeout=${lockSeconds}`, "update"])
  const end = await machine.run([
    ...aptGet,
    "-o",
    `DPkg::Lock::Timeout=${lockSeconds}`,
    "install",
    "--yes",
    "--no-install-recommends",
    debianPackage,
  ])
  return end.succeeded ? undefined : `apt-get could not install it:\n${end.output.trimEnd()}\n`
}

/** What to put before a command that needs root; undefined where there is no way. */
async function privilege(machine: Machine): Promise<readonly string[] | undefined> {
  if (machine.isRoot) return []
  if ((await machine.find("sudo")) === undefined) return undefined
  const sudo = ["sudo", "--non-interactive"]
  return (await machine.run([...sudo, "true"])).succeeded ? sudo : undefined
}
