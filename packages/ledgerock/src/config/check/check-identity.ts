// Whether an identity is complete, has the keys of its mode only, and can be had from STS at all. Sessions are refused where they
// could become many: every session is a line of the bill per model and day, and costs a call to STS.

import { checkWhen, covers, mayAssert, unknownDimension } from './check-dimensions.ts'
import { isWritten, list, text, tree, type Path, type PathFault, type Tree } from '../raw.ts'
import { readSessionName } from '../session-name.ts'
import { IDENTITY_MODES } from '../schema/bedrock-schema.ts'

type Mode = (typeof IDENTITY_MODES)[number]

/** As many values may a dimension have that sessions are made by. */
export const SESSION_VALUES_MAX = 500

const KEYS_OF_MODE: Readonly<Record<Mode, Readonly<Record<string, 'needed' | 'optional'>>>> = {
  gateway: {},
  session: { role_arn: 'needed', session_name: 'needed', tags: 'optional', on_failure: 'optional' },
  profiles: { map: 'needed' },
}

export type IdentityPlace = {
  readonly path: Path
  readonly region: string | null
  readonly accountId: string | null
}

export function checkIdentity(
  place: IdentityPlace,
  written: unknown,
  dimensions: Tree,
): readonly PathFault[] {
  const identity = tree(written)
  const mode = IDENTITY_MODES.find((known) => known === (identity['mode'] ?? 'gateway'))
  if (mode === undefined) return []
  return [
    ...keysOfMode(place.path, identity, mode),
    ...(mode === 'session' ? checkSession(place, identity, dimensions) : []),
    ...(mode === 'profiles' ? checkMap(place, identity, dimensions) : []),
  ]
}

function keysOfMode(path: Path, identity: Tree, mode: Mode): readonly PathFault[] {
  return IDENTITY_MODES.flatMap((other) =>
    Object.entries(KEYS_OF_MODE[other]).flatMap(([key, need]): readonly PathFault[] => {
      const is = isWritten(identity[key])
      if (other !== mode) {
        return is ? [{ path: [...path, key], message: `needs mode: ${other}` }] : []
      }
      const isMissing = need === 'needed' && !is
      return isMissing ? [{ path: [...path, key], message: `is missing: ${mode} needs it` }] : []
    }),
  )
}

function checkSession(
  { path, accountId }: IdentityPlace,
  identity: Tree,
  dimensions: Tree,
): readonly PathFault[] {
  const faults: PathFault[] = []
  const name = text(identity['session_name'])
  const at = [...path, 'session_name']
  const read = name === null ? null : readSessionName(name)
  if (read?.ok === false) faults.push({ path: at, message: read.problem })
  for (const dimension of read?.ok === true ? read.value : []) {
    const problem = sessionProblem(dimensions, dimension)
    if (problem !== null) faults.push({ path: at, message: `{${dimension}}: ${problem}` })
  }
  const keys = new Set<string>()
  for (const [key, dimension] of Object.entries(tree(identity['tags']))) {
    const tag = [...path, 'tags', key]
    // STS keeps the case of a tag's key and compares without it.
    if (keys.has(key.toLowerCase())) faults.push({ path: tag, message: 'is there twice for STS' })
    keys.add(key.toLowerCase())
    const problem = typeof dimension === 'string' ? sessionProblem(dimensions, dimension) : null
    if (problem !== null) faults.push({ path: tag, message: problem })
  }
  const account = /^arn:aws[a-z-]*:iam::(\d{12}):/.exec(text(identity['role_arn']) ?? '')?.[1]
  if (account !== undefined && accountId !== null && account !== accountId) {
    faults.push({ path: [...path, 'role_arn'], message: 'is in another account than account_id' })
  }
  return faults
}

/** Why sessions cannot be made by a dimension, or null. */
function sessionProblem(dimensions: Tree, name: string): string | null {
  const unknown = unknownDimension(dimensions, name)
  if (unknown !== null) return unknown
  const { values, max_values: max } = tree(dimensions[name])
  const count = Array.isArray(values) ? values.length : typeof max === 'number' ? max : Infinity
  if (count <= SESSION_VALUES_MAX || !mayAssert(dimensions, name, 'request')) return null
  return `${name} may have too many values for sessions: declare its values (at most ${SESSION_VALUES_MAX}), set max_values to ${SESSION_VALUES_MAX} or less, or leave request out of its assert`
}

function checkMap(
  { path, region, accountId }: IdentityPlace,
  identity: Tree,
  dimensions: Tree,
): readonly PathFault[] {
  const rules = list(identity['map']).map(tree)
  return rules.flatMap((rule, index) => {
    const at = [...path, 'map', index]
    const faults: PathFault[] = [...checkWhen([...at, 'when'], rule['when'], dimensions)]
    const earlier = rules
      .slice(0, index)
      .findIndex((other) => other['model'] === rule['model'] && covers(other['when'], rule['when']))
    if (earlier >= 0) faults.push({ path: at, message: neverChosen(`map[${earlier}]`) })
    const [, , , arnRegion, arnAccount] = (text(rule['arn']) ?? '').split(':')
    if (arnRegion !== undefined && region !== null && arnRegion !== region) {
      faults.push({ path: [...at, 'arn'], message: `is not in ${region}, where it is used` })
    }
    if (arnAccount !== undefined && accountId !== null && arnAccount !== accountId) {
      faults.push({ path: [...at, 'arn'], message: 'is in another account than account_id' })
    }
    return faults
  })
}

export function neverChosen(by: string): string {
  return `can never be chosen: ${by} takes all its calls`
}
