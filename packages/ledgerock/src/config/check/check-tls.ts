// Whether the files of a certificate and its key are there, are what they say, and belong together: a gateway that cannot make a
// TLS handshake should not start.

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { err, ok, type Result } from '../../kernel/result.ts'
import { text, tree, type PathFault } from '../raw.ts'

/** The text of a file that the configuration names, or why it cannot be read. */
export type ReadBeside = (written: string) => Result<string, string>

export function checkTls(written: unknown, read: ReadBeside): readonly PathFault[] {
  const { cert, key } = tree(written)
  const [certFile, keyFile] = [text(cert), text(key)]
  const certificate = certFile === null ? null : parsed(read(certFile), certificateOf)
  const privateKey = keyFile === null ? null : parsed(read(keyFile), privateKeyOf)
  const faults: PathFault[] = []
  if (certificate?.ok === false) {
    faults.push({ path: ['gateway', 'tls', 'cert'], message: certificate.problem })
  }
  if (privateKey?.ok === false) {
    faults.push({ path: ['gateway', 'tls', 'key'], message: privateKey.problem })
  }
  if (certificate?.ok !== true || privateKey?.ok !== true) return faults
  if (certificate.value.checkPrivateKey(privateKey.value)) return []
  return [{ path: ['gateway', 'tls', 'key'], message: 'is not the key of the certificate in cert' }]
}

function parsed<Value>(
  file: Result<string, string>,
  parse: (pem: string) => Result<Value, string>,
): Result<Value, string> {
  return file.ok ? parse(file.value) : file
}

/** The first certificate of the file is the gateway's own; what follows is its chain. */
function certificateOf(pem: string): Result<X509Certificate, string> {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  try {
    const [own] = blocks.map((block) => new X509Certificate(block))
    return own === undefined ? err('holds no PEM certificate') : ok(own)
  } catch {
    return err('holds a certificate that cannot be read')
  }
}

function privateKeyOf(pem: string): Result<KeyObject, string> {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    return err('holds a private key with a passphrase; the gateway needs one without')
  }
  try {
    return ok(createPrivateKey(pem))
  } catch {
    return err('holds no PEM private key')
  }
}
