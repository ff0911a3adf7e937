import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSealer } from '../../platform/sealing.ts'
import { CREDENTIAL_REFUSALS, REFUSAL_MESSAGES } from './credential-refusal.ts'
import { createCredentialVerifier } from './credential.ts'
import { mintKey, mintSecret } from './key-format.ts'
import type { PolicyKey } from '../policy.ts'
import { samplePolicy } from '../testing/sample-policy.ts'
import { digestOfSecret } from './secret-digest.ts'

const pepper = createSecretKey(randomBytes(32))
const sealing = createSealer(createSecretKey(randomBytes(32)), randomBytes)
const hex = (secret: string): string => digestOfSecret(pepper, secret).toString('hex')
const now = Date.parse('2026-10-14T12:00:00.000Z')
const at = (offsetMs: number): string => new Date(now + offsetMs).toISOString()

const minted = mintKey(randomBytes)
const plain: PolicyKey = {
  keyId: minted.id,
  name: 'search-prod',
  source: 'api',
  secrets: [{ digest: hex(minted.text), until: null }],
  sigV4: null,
  bind: { team: 'search' },
  region: null,
  expiresAt: null,
  revokedAt: null,
}
const fileSecret = 'a passphrase someone put into the environment'
const declared: PolicyKey = {
  ...plain,
  keyId: 'file:ops',
  name: 'ops',
  source: 'file',
  secrets: [{ digest: hex(fileSecret), until: null }],
}

function verify(presented: string, ...keys: readonly PolicyKey[]) {
  const policy = samplePolicy({ keys })
  return createCredentialVerifier(policy, { pepper, sealing }).verify(presented, now)
}

describe('createCredentialVerifier', () => {
  it('[G4] knows a key by its id and its secret', () => {
    expect(verify(minted.text, plain, declared)).toEqual({ ok: true, key: plain })
  })

  it('[G4] knows a declared secret of any shape, also one shaped like a key of ours', () => {
    expect(verify(fileSecret, plain, declared)).toEqual({ ok: true, key: declared })
    const own = { ...declared, secrets: [{ digest: hex(minted.text), until: null }] }
    expect(verify(minted.text, own)).toEqual({ ok: true, key: own })
  })

  it('[G4] the right id with another secret is unknown', () => {
    const forged = mintSecret(randomBytes, minted.id).text
    expect(verify(forged, plain)).toEqual({ ok: false, refused: 'unknown' })
  })

  it('[G4] an id nobody has is unknown, and so is a token of the API', () => {
    expect(verify(mintKey(randomBytes).text, plain)).toEqual({ ok: false, refused: 'unknown' })
    expect(verify(mintKey(randomBytes, 'lra').text, plain)).toEqual({
      ok: false,
      refused: 'unknown',
    })
  })

  it('[G4] a digest made under another pepper opens nothing', () => {
    const other = digestOfSecret(createSecretKey(randomBytes(32)), minted.text).toString('hex')
    expect(verify(minted.text, { ...plain, secrets: [{ digest: other, until: null }] }).ok).toBe(
      false,
    )
  })

  it.each(['', 'short', 'x'.repeat(31), 'x'.repeat(513), `lrk_${'x'.repeat(62)}`])(
    '[G2] calls %j malformed',
    (presented) => {
      expect(verify(presented, plain)).toEqual({ ok: false, refused: 'malformed' })
    },
  )

  it('[G5] both secrets of a rotation open the key until the overlap ends', () => {
    const next = mintSecret(randomBytes, minted.id).text
    const rotated = (untilMs: number): PolicyKey => ({
      ...plain,
      secrets: [
        { digest: hex(next), until: null },
        { digest: hex(minted.text), until: at(untilMs) },
      ],
    })
    expect(verify(next, rotated(1)).ok).toBe(true)
    expect(verify(minted.text, rotated(1)).ok).toBe(true)
    expect(verify(next, rotated(0)).ok).toBe(true)
    expect(verify(minted.text, rotated(0))).toEqual({ ok: false, refused: 'expired' })
  })

  it('[G5] a key ends at its expiry, exclusive', () => {
    expect(verify(minted.text, { ...plain, expiresAt: at(1) }).ok).toBe(true)
    expect(verify(minted.text, { ...plain, expiresAt: at(0) })).toEqual({
      ok: false,
      refused: 'expired',
    })
  })

  it('[G5] a limit that cannot be read is no licence', () => {
    expect(verify(minted.text, { ...plain, expiresAt: 'soon' }).ok).toBe(false)
  })

  it('[G5] says revoked only to those who hold the secret', () => {
    const revoked = { ...plain, revokedAt: at(-1), expiresAt: at(-2) }
    expect(verify(minted.text, revoked)).toEqual({ ok: false, refused: 'revoked' })
    expect(verify(mintSecret(randomBytes, minted.id).text, revoked)).toEqual({
      ok: false,
      refused: 'unknown',
    })
  })

  it('[G4] an empty policy lets nobody in', () => {
    expect(verify(minted.text)).toEqual({ ok: false, refused: 'unknown' })
    expect(verify(fileSecret)).toEqual({ ok: false, refused: 'unknown' })
  })
})

describe('what a refusal says', () => {
  it('[G5] is the same for every reason that only a look-up can tell', () => {
    const secret = ['unknown', 'revoked', 'expired', 'signature', 'body', 'unreadable'] as const
    expect(new Set(secret.map((reason) => REFUSAL_MESSAGES[reason])).size).toBe(1)
    for (const reason of CREDENTIAL_REFUSALS) expect(REFUSAL_MESSAGES[reason]).toMatch(/\.$/)
  })
})
