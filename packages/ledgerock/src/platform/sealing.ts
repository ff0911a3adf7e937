// Secrets that must be read back (webhook, SMTP, SigV4) are stored only sealed: AES-256-GCM with the record's id as associated
// data, so that a sealed value copied to another record does not open there. The text begins with its format's version.

import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { err, ok, type Result } from '../kernel/result.ts'

const VERSION = 'lrs1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

export type Sealer = {
  readonly seal: (recordId: string, secret: string) => string
  /** `tampered` also where the record or the key is another one: the three cannot be told apart. */
  readonly open: (recordId: string, sealed: string) => Result<string, 'malformed' | 'tampered'>
}

export function createSealer(key: KeyObject, random: (bytes: number) => Uint8Array): Sealer {
  return {
    seal(recordId, secret) {
      const nonce = random(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(associatedData(recordId))
      const body = Buffer.concat([
        cipher.update(secret, 'utf8'),
        cipher.final(),
        cipher.getAuthTag(),
      ])
      return `${VERSION}.${Buffer.from(nonce).toString('base64url')}.${body.toString('base64url')}`
    },
    open(recordId, sealed) {
      const match = /^lrs1\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/.exec(sealed)
      if (match === null) return err('malformed')
      const nonce = Buffer.from(match[1] as string, 'base64url')
      const body = Buffer.from(match[2] as string, 'base64url')
      // Base64 has spare bits at its end: another text for the same bytes is not what was sealed.
      if (body.length < TAG_BYTES || body.toString('base64url') !== match[2])
        return err('malformed')
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(associatedData(recordId))
      decipher.setAuthTag(body.subarray(-TAG_BYTES))
      try {
        const text = [decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]
        return ok(Buffer.concat(text).toString('utf8'))
      } catch {
        return err('tampered')
      }
    },
  }
}

function associatedData(recordId: string): Buffer {
  return Buffer.from(`${VERSION}\n${recordId}`, 'utf8')
}
