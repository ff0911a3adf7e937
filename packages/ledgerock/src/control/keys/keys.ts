// Gateway keys for people and scripts: create, list, rotate, revoke. A secret leaves this file once, in the answer that made it;
// what stays is its keyed digest, and of a pair that signs requests the sealed secret. Every change is audited and returns after
// the workers have it, naming those that have not.

import type { KeyObject } from 'node:crypto'
import type { ProblemError } from '@ledgerock/contract'
import {
  mintSigV4Pair,
  sealedPairId,
  type SigV4Pair,
} from '../../governance/credential/access-key.ts'
import { mintKey, mintSecret } from '../../governance/credential/key-format.ts'
import { digestOfSecret } from '../../governance/credential/secret-digest.ts'
import { Fault } from '../../kernel/fault.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, MS_PER_HOUR, type Clock } from '../../kernel/time.ts'
import type { Sealer } from '../../platform/sealing.ts'
import type { DeclaredPolicy } from '../policy/declared-policy.ts'
import { parseExpiry } from '../expiry.ts'
import { declaredKeyView, storedKeyView, type KeyView } from './key-view.ts'
import type { Delivery, PolicyPublisher } from '../policy/policy-publisher.ts'
import type { Json } from '../store/canonical-json.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { NewSecret, StoredKey } from '../store/key-table.ts'

/** How long the old secret goes on working after a rotation, unless told otherwise. */
export const ROTATION_OVERLAP_MS = 24 * MS_PER_HOUR
export const ROTATION_OVERLAP_MAX_MS = 30 * 24 * MS_PER_HOUR
const KEY_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

export const KEY_PROBLEMS = [
  'invalid_request',
  'key_unknown',
  'key_name_taken',
  'key_declared_in_file',
  'key_revoked',
] as const
export type KeyProblem = {
  readonly code: (typeof KEY_PROBLEMS)[number]
  readonly detail: string
  readonly errors: readonly ProblemError[]
}

export type NewKey = {
  readonly name: string
  readonly bind: Readonly<Record<string, string>>
  readonly region: string | null
  /** A date, a timestamp or a time from now such as `90d`; null: no end. */
  readonly expires: string | null
  /** Whether to make a pair for signed requests too. */
  readonly sigv4: boolean
  readonly reason: string | null
}

/** The only value that ever holds a secret. */
export type MintedSecret = {
  readonly name: string
  readonly key: string
  readonly access_key_id?: string
  readonly secret_access_key?: string
  readonly bind: Readonly<Record<string, string>>
}

/** A secret is shown once, so it is shown also where the workers could not be told yet, and why they could not. */
type Minting = Delivery & { readonly not_published: string | null }

export type KeyService = {
  readonly create: (
    actor: string,
    key: NewKey,
  ) => Promise<Result<MintedSecret & { readonly expires_at: string | null } & Minting, KeyProblem>>
  readonly list: () => Promise<readonly KeyView[]>
  readonly rotate: (
    actor: string,
    name: string,
    overlapMs: number,
    reason: string | null,
  ) => Promise<Result<MintedSecret & { readonly old_secret_until: string } & Minting, KeyProblem>>
  /** Revoking what is revoked asks the workers again. */
  readonly revoke: (
    actor: string,
    name: string,
    reason: string | null,
  ) => Promise<
    Result<{ readonly name: string; readonly revoked_at: string } & Delivery, KeyProblem>
  >
}

export type KeyServiceDeps = {
  readonly store: ControlStore
  readonly publisher: PolicyPublisher
  readonly pepper: KeyObject
  readonly sealer: Pick<Sealer, 'seal'>
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
  readonly declared: () => DeclaredPolicy
  /** Every dimension a key may not be bound to like this, as `bind.<dimension>`. */
  readonly checkBind: (bind: Readonly<Record<string, string>>) => readonly ProblemError[]
  /** Where calls can go at present. */
  readonly regions: () => readonly string[]
}

export function createKeyService(deps: KeyServiceDeps): KeyService {
  return {
    create: (actor, key) => createKey(deps, actor, key),
    list: () => listKeys(deps),
    rotate: (actor, ...how) => rotateKey(deps, actor, ...how),
    revoke: (actor, name, reason) => revokeKey(deps, actor, name, reason),
  }
}

async function createKey(
  deps: KeyServiceDeps,
  actor: string,
  input: NewKey,
): ReturnType<KeyService['create']> {
  const { store, clock } = deps
  const expiry = parseExpiry(input.expires, clock.now())
  const errors = inputErrors(deps, input, expiry)
  if (errors.length > 0 || !expiry.ok) return err(invalid(errors))
  const { name, bind, region, reason } = input
  if (isDeclared(deps, name)) return err(nameTaken(name, 'declared in the file'))
  const { id, text } = mintKey(deps.random)
  const pair = input.sigv4 ? mintSigV4Pair(deps.random) : null
  const key = {
    keyId: id,
    name,
    bind,
    region,
    expiresAt: expiry.value === null ? null : isoTime(expiry.value),
    createdAt: isoTime(clock.now()),
    createdBy: actor,
  }
  const taken = await store.write(async ({ keys, audit }) => {
    const other = await keys.find(name)
    if (other !== null) return other
    await keys.insert(key, keptForm(deps, id, text, pair))
    const after = facts({ ...key, revokedAt: null }, pair?.accessKeyId)
    await audit.append({ actor, action: 'key.create', subject: name, before: null, after, reason })
    return null
  })
  if (taken !== null) {
    return err(nameTaken(name, taken.revokedAt === null ? 'in use' : 'a revoked key’s'))
  }
  const delivery = await publishMinted(deps)
  return ok({ name, key: text, ...shown(pair), bind, expires_at: key.expiresAt, ...delivery })
}

async function listKeys(deps: KeyServiceDeps): Promise<readonly KeyView[]> {
  const nowMs = deps.clock.now()
  const views = [
    ...deps.declared().keys.map(declaredKeyView),
    ...(await deps.store.read.keys.list()).map((key) => storedKeyView(key, nowMs)),
  ]
  return views.toSorted((left, right) => (left.name < right.name ? -1 : 1))
}

async function rotateKey(
  deps: KeyServiceDeps,
  actor: string,
  name: string,
  overlapMs: number,
  reason: string | null,
): ReturnType<KeyService['rotate']> {
  if (isDeclared(deps, name)) return err(declaredInFile(name))
  const nowMs = deps.clock.now()
  const until = isoTime(nowMs + overlapMs)
  const outcome = await deps.store.write(async ({ keys, audit }) => {
    const key = await keys.find(name)
    if (key === null) return err(unknownKey(name))
    if (key.revokedAt !== null) return err(revokedKey(name))
    const { text } = mintSecret(deps.random, key.keyId)
    const hasPair = key.secrets[0]?.sigV4 != null
    const pair = hasPair ? mintSigV4Pair(deps.random) : null
    const secret = keptForm(deps, key.keyId, text, pair)
    await keys.replaceSecret(key.keyId, secret, isoTime(nowMs), until)
    const after = { old_secret_until: until, ...accessKeyFact(pair?.accessKeyId) }
    await audit.append({ actor, action: 'key.rotate', subject: name, before: null, after, reason })
    return ok({ name, key: text, ...shown(pair), bind: key.bind, old_secret_until: until })
  })
  if (!outcome.ok) return outcome
  return ok({ ...outcome.value, ...(await publishMinted(deps)) })
}

/** What could not be published is by the next confirmation, or by the start after it. */
async function publishMinted({ publisher }: KeyServiceDeps): Promise<Minting> {
  try {
    return { ...(await publisher.publish()), not_published: null }
  } catch (error) {
    const reason = error instanceof Fault ? error.message : 'the server’s log has more'
    return { acked: [], missing: [], not_published: reason }
  }
}

async function revokeKey(
  deps: KeyServiceDeps,
  actor: string,
  name: string,
  reason: string | null,
): ReturnType<KeyService['revoke']> {
  if (isDeclared(deps, name)) return err(declaredInFile(name))
  const at = isoTime(deps.clock.now())
  const outcome = await deps.store.write(async ({ keys, audit }) => {
    const key = await keys.find(name)
    if (key === null) return err(unknownKey(name))
    if (key.revokedAt !== null) return ok({ name, revoked_at: key.revokedAt })
    await keys.revoke(key.keyId, at)
    const accessKeyId = key.secrets[0]?.sigV4?.accessKeyId
    const before = facts(key, accessKeyId)
    const after = facts({ ...key, revokedAt: at }, accessKeyId)
    await audit.append({ actor, action: 'key.revoke', subject: name, before, after, reason })
    return ok({ name, revoked_at: at })
  })
  if (!outcome.ok) return outcome
  return ok({ ...outcome.value, ...(await deps.publisher.publish()) })
}

function isDeclared(deps: KeyServiceDeps, name: string): boolean {
  return deps.declared().keys.some((key) => key.name === name)
}

/** What the store keeps of a new secret and its pair. */
function keptForm(
  { pepper, sealer }: KeyServiceDeps,
  keyId: string,
  text: string,
  pair: SigV4Pair | null,
): NewSecret {
  const digest = digestOfSecret(pepper, text).toString('hex')
  if (pair === null) return { digest, sigV4: null }
  const { accessKeyId, secretAccessKey } = pair
  const sealedSecret = sealer.seal(sealedPairId(keyId, accessKeyId), secretAccessKey)
  return { digest, sigV4: { accessKeyId, sealedSecret } }
}

function shown(pair: SigV4Pair | null): Pick<MintedSecret, 'access_key_id' | 'secret_access_key'> {
  if (pair === null) return {}
  return { access_key_id: pair.accessKeyId, secret_access_key: pair.secretAccessKey }
}

function inputErrors(
  deps: KeyServiceDeps,
  input: NewKey,
  expiry: Result<number | null, string>,
): readonly ProblemError[] {
  const errors: ProblemError[] = []
  if (!KEY_NAME.test(input.name)) {
    const message = 'must be 1 to 64 letters, digits, dots, dashes or underscores'
    errors.push({ path: 'name', message })
  }
  if (!expiry.ok) errors.push({ path: 'expires', message: expiry.problem })
  else if (expiry.value !== null && expiry.value <= deps.clock.now()) {
    errors.push({ path: 'expires', message: 'must lie in the future' })
  }
  const { region } = input
  if (region !== null && !deps.regions().includes(region)) {
    // Every call of such a key would be refused.
    errors.push({ path: 'region', message: `no target is in it; they are in ${listed(deps)}` })
  }
  return [...errors, ...deps.checkBind(input.bind)]
}

function listed({ regions }: KeyServiceDeps): string {
  return [...new Set(regions())].join(', ')
}

/** What the audit trail says about a key: everything but its secrets, in whatever form. */
function facts(key: Omit<StoredKey, 'secrets'>, accessKeyId: string | undefined): Json {
  const { keyId, bind, region, expiresAt, revokedAt } = key
  const known = { key_id: keyId, bind, region, expires_at: expiresAt, revoked_at: revokedAt }
  return { ...known, ...accessKeyFact(accessKeyId) }
}

function accessKeyFact(accessKeyId: string | undefined): { readonly access_key_id?: string } {
  return accessKeyId === undefined ? {} : { access_key_id: accessKeyId }
}

const invalid = (errors: readonly ProblemError[]): KeyProblem => ({
  code: 'invalid_request',
  detail: 'the key cannot be made like this',
  errors,
})
const nameTaken = (name: string, how: string): KeyProblem => ({
  code: 'key_name_taken',
  detail: `the name ${name} is ${how}; names stand in the ledger and are given out once`,
  errors: [{ path: 'name', message: `is ${how}` }],
})
export const unknownKey = (name: string): KeyProblem => ({
  code: 'key_unknown',
  detail: `no key is named ${name}`,
  errors: [],
})
const revokedKey = (name: string): KeyProblem => ({
  code: 'key_revoked',
  detail: `the key ${name} is revoked; make a new one`,
  errors: [],
})
const declaredInFile = (name: string): KeyProblem => ({
  code: 'key_declared_in_file',
  detail: `the key ${name} is declared in the configuration file and can only be changed there`,
  errors: [],
})
