// A key with a pair, and the verifier that knows it.

import { createSecretKey, randomBytes } from 'node:crypto'
import { createSealer } from '../../platform/sealing.ts'
import { sealedPairId, type SigV4Pair } from '../credential/access-key.ts'
import { createCredentialVerifier, type CredentialVerifier } from '../credential/credential.ts'
import type { PolicyKey, SigningPair } from '../policy.ts'
import { samplePolicy } from './sample-policy.ts'

export const PAIR: SigV4Pair = {
  accessKeyId: 'LRKATESTTESTTESTTEST',
  secretAccessKey: 'wJalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKEY',
}
export const SEALER = createSealer(createSecretKey(Buffer.alloc(32, 3)), randomBytes)

export function sealPair(keyId: string, pair: SigV4Pair): SigningPair {
  const { accessKeyId, secretAccessKey } = pair
  const sealedSecret = SEALER.seal(sealedPairId(keyId, accessKeyId), secretAccessKey)
  return { accessKeyId, sealedSecret }
}

export const SIGNING_KEY: PolicyKey = {
  keyId: 'AAAAAAAAAAAA',
  name: 'batch',
  source: 'api',
  secrets: [],
  sigV4: { ...sealPair('AAAAAAAAAAAA', PAIR), previous: null },
  bind: { team: 'search' },
  region: null,
  expiresAt: null,
  revokedAt: null,
}

export function verifierOf(...keys: readonly PolicyKey[]): CredentialVerifier {
  return createCredentialVerifier(samplePolicy({ keys }), {
    pepper: createSecretKey(Buffer.alloc(32, 1)),
    sealing: SEALER,
  })
}
