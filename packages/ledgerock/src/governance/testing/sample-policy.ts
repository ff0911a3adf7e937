// A policy for tests: nobody and nothing in it but what the test says.

import { DEFAULT_DIMENSION_RULES } from '../../attribution/dimension-rule.ts'
import { NO_RULES, POLICY_FORMAT, type Policy, type PolicyKey } from '../policy.ts'

export function samplePolicy(parts: Partial<Policy> = {}): Policy {
  return {
    format: POLICY_FORMAT,
    epoch: 1,
    version: 1,
    publishedAt: '2026-11-20T00:00:00.000Z',
    keys: [],
    dimensions: DEFAULT_DIMENSION_RULES,
    owners: [],
    anonymous: { mode: 'deny', from: [] },
    ...NO_RULES,
    ...parts,
  }
}

/** A key of the configuration file, found by its secret's digest. */
export function sampleKey(name: string, digest: string, parts: Partial<PolicyKey> = {}): PolicyKey {
  return {
    keyId: name,
    name,
    source: 'file',
    secrets: [{ digest, until: null }],
    sigV4: null,
    bind: {},
    region: null,
    expiresAt: null,
    revokedAt: null,
    ...parts,
  }
}
