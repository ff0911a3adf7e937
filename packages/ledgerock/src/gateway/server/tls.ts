// The certificate of the gateway's port: two PEM files, read again when they change or when somebody asks. Connections that are
// open keep what they began with; files that do not make a usable pair are logged and the old pair stays, because a half-written
// renewal must not take the gateway off the air. Contents are compared, not file times: mounted secrets are swapped by links.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { Fault } from '../../kernel/fault.ts'
import { isoTime } from '../../kernel/time.ts'
import type { Logger } from '../../platform/logging.ts'

export type TlsFiles = { readonly certFile: string; readonly keyFile: string }

export type TlsMaterial = {
  readonly cert: Buffer
  readonly key: Buffer
  readonly minVersion: 'TLSv1.2'
}

export type TlsContext = {
  readonly material: () => TlsMaterial
  /** Called with each new pair, from the next connection on. */
  readonly onChange: (listener: (material: TlsMaterial) => void) => void
  /** Reads the files now (SIGHUP). */
  readonly reload: () => void
  /** Milliseconds since the epoch. */
  readonly endsAt: () => number
  /** Looks at the files no more. */
  readonly stop: () => void
}

const LOOK_EVERY_MS = 10_000

type Pair = { readonly cert: Buffer; readonly key: Buffer }

/** @throws Fault `tls_unusable` where the files of the start are no pair */
export function createTlsContext(
  files: TlsFiles,
  logger: Logger,
  options: { readonly read?: (path: string) => Buffer; readonly lookEveryMs?: number } = {},
): TlsContext {
  const { read = (path) => readFileSync(path), lookEveryMs = LOOK_EVERY_MS } = options
  const readPair = (): Pair => ({ cert: read(files.certFile), key: read(files.keyFile) })
  const listeners: ((material: TlsMaterial) => void)[] = []
  let current: Pair
  let endsAt: number
  try {
    current = readPair()
    endsAt = checkPair(current)
  } catch (cause) {
    const message = `The TLS certificate or key cannot be used: ${reasonOf(cause)}`
    throw new Fault('tls_unusable', message, { cause })
  }
  /** What was looked at last, so that a pair that cannot be used is complained about once. */
  let seen = current

  function look(always: boolean): void {
    try {
      const found = readPair()
      const isOld = found.cert.equals(seen.cert) && found.key.equals(seen.key)
      if (isOld && !always) return
      seen = found
      endsAt = checkPair(found)
      current = found
    } catch (error) {
      logger.error({ reason: reasonOf(error), file: files.certFile }, 'tls_certificate_not_loaded')
      return
    }
    logger.info({ valid_to: isoTime(endsAt) }, 'tls_certificate_loaded')
    for (const listener of listeners) listener(materialOf(current))
  }

  const timer = setInterval(() => look(false), lookEveryMs)
  timer.unref()
  return {
    material: () => materialOf(current),
    onChange: (listener) => void listeners.push(listener),
    reload: () => look(true),
    endsAt: () => endsAt,
    stop: () => clearInterval(timer),
  }
}

function materialOf({ cert, key }: Pair): TlsMaterial {
  return { cert, key, minVersion: 'TLSv1.2' }
}

/** When the certificate ends. @throws where key and certificate do not belong together, or are neither */
function checkPair(pair: Pair): number {
  createSecureContext(materialOf(pair))
  return new X509Certificate(pair.cert).validToDate.getTime()
}

/** OpenSSL's reasons name neither key nor contents. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
