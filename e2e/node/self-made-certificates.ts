import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { systemProgram } from "../../tools/system/system-program.ts"

/** A key and the certificate that it signed itself, in PEM: its own CA. */
export interface SelfMade {
  readonly key: string
  readonly cert: string
}

/** Makes a key and a certificate for 127.0.0.1, valid for two days. */
export async function selfMade(commonName: string): Promise<SelfMade> {
  const openssl = await systemProgram("openssl", "openssl")
  const folder = await mkdtemp(join(tmpdir(), "steadfetch-tls-"))
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")]
  const what = ["req", "-x509", "-days", "2", "-subj", `/CN=${commonName}`, "-addext", "subjectAltName=IP:127.0.0.1"]
  const how = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert]
  try {
    await promisify(execFile)(openssl, [...what, ...how])
    return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") }
  } finally {
    await rm(folder, { recursive: true })
  }
}
