// Owners and disconnect policies: what they name is there, none is hidden behind an earlier one, and no two owners of the same thing
// contradict each other at the same time.

import { checkBound, checkWhen, covers } from './check-dimensions.ts'
import { neverChosen } from './check-identity.ts'
import { parseInstant } from '../instant.ts'
import { isWritten, list, text, tree, type Path, type PathFault, type Tree } from '../raw.ts'

const MATCHED_BY = ['account', 'profile', 'project', 'key_name'] as const

export function checkDisconnect(written: unknown, dimensions: Tree): readonly PathFault[] {
  const rules = list(written).map(tree)
  return rules.flatMap(({ scope }, index) => {
    const path = ['bedrock', 'on_client_disconnect', index]
    const hiding = rules.slice(0, index).findIndex((other) => covers(other['scope'], scope))
    return [
      ...checkWhen([...path, 'scope'], scope, dimensions),
      ...(hiding < 0 ? [] : [{ path, message: neverChosen(`rule [${hiding}]`) }]),
    ]
  })
}

export function checkOwners(written: unknown, dimensions: Tree): readonly PathFault[] {
  const rules = list(written).map(tree)
  const earlier = new Map<string, { readonly rule: Tree; readonly index: number }[]>()
  return rules.flatMap((rule, index) => {
    const path = ['owners', index]
    const same = earlier.get(matchOf(rule['match'])) ?? []
    const faults = [
      ...checkMatch([...path, 'match'], rule['match']),
      ...checkBound([...path, 'set'], rule['set'], dimensions, 'identity'),
      ...checkTimes(path, rule),
      ...same.flatMap((other) => contradictions(path, rule, other.rule, other.index)),
    ]
    earlier.set(matchOf(rule['match']), [...same, { rule, index }])
    return faults
  })
}

function checkMatch(path: Path, match: unknown): readonly PathFault[] {
  const keys = MATCHED_BY.filter((key) => isWritten(tree(match)[key]))
  if (typeof match !== 'object' || match === null || keys.length === 1) return []
  return [{ path, message: `must name exactly one of ${MATCHED_BY.join(', ')}` }]
}

/** Of what is in force from one instant to before another. */
export function checkTimes(path: Path, rule: Tree): readonly PathFault[] {
  const { from, to } = timesOf(rule)
  return from < to ? [] : [{ path: [...path, 'to'], message: 'must be after from' }]
}

/** The same pattern at the same time with another value: which one holds would hang on their order. */
function contradictions(
  path: Path,
  rule: Tree,
  other: Tree,
  otherIndex: number,
): readonly PathFault[] {
  const [one, two] = [timesOf(rule), timesOf(other)]
  if (one.from >= two.to || two.from >= one.to) return []
  const others = tree(other['set'])
  return Object.entries(tree(rule['set']))
    .filter(([name, value]) => others[name] !== undefined && others[name] !== value)
    .map(([name]) => ({
      path: [...path, 'set', name],
      message: `contradicts owners[${otherIndex}], which matches the same at the same time`,
    }))
}

function matchOf(match: unknown): string {
  if (typeof match === 'string') return `principal:${match}`
  const key = MATCHED_BY.find((name) => isWritten(tree(match)[name]))
  return `${key}:${String(tree(match)[key ?? ''])}`
}

/** A time that cannot be read is the schema's fault to report; here it is as good as none. */
export function timesOf({ from, to }: Tree): { readonly from: number; readonly to: number } {
  return {
    from: parseInstant(text(from) ?? '') ?? Number.NEGATIVE_INFINITY,
    to: parseInstant(text(to) ?? '') ?? Number.POSITIVE_INFINITY,
  }
}
