// Whether every call finds a target and every target may find calls. The region comes first; of its targets the first whose
// `when` holds takes the call, so the last one must hold for every call and none may be hidden behind another.

import { checkWhen, covers } from './check-dimensions.ts'
import { checkIdentity, neverChosen } from './check-identity.ts'
import { isWritten, list, text, tree, type PathFault, type Tree } from '../raw.ts'

const REGION_DEFAULT = 'us-east-1'

/** What a target has of its own, and `bedrock` only where there are no targets. */
const KEYS_OF_ONE = ['account_id', 'endpoint', 'mantle_endpoint', 'identity'] as const

export function checkTargets(bedrock: Tree, dimensions: Tree): readonly PathFault[] {
  if (!isWritten(bedrock['targets'])) {
    const place = {
      path: ['bedrock', 'identity'],
      region: text(bedrock['region'] ?? REGION_DEFAULT),
      accountId: text(bedrock['account_id']),
    }
    return checkIdentity(place, bedrock['identity'], dimensions)
  }
  const targets = list(bedrock['targets']).map(tree)
  return [
    ...KEYS_OF_ONE.filter((key) => isWritten(bedrock[key])).map((key) => ({
      path: ['bedrock', key],
      message: 'belongs to each target where there are targets',
    })),
    ...checkDefaultRegion(bedrock, targets),
    ...targets.flatMap((target, index) => checkTarget(targets, target, index, dimensions)),
    ...regionsOf(targets).flatMap((region) => checkRegion(targets, region)),
  ]
}

/** The regions calls can go to. */
export function targetRegions(bedrock: Tree): readonly string[] {
  return isWritten(bedrock['targets'])
    ? regionsOf(list(bedrock['targets']).map(tree))
    : [text(bedrock['region']) ?? REGION_DEFAULT]
}

function checkDefaultRegion(bedrock: Tree, targets: readonly Tree[]): readonly PathFault[] {
  const region = text(bedrock['region'])
  if (region === null || regionsOf(targets).includes(region)) return []
  return [{ path: ['bedrock', 'region'], message: 'no target is in this region' }]
}

function checkTarget(
  targets: readonly Tree[],
  target: Tree,
  index: number,
  dimensions: Tree,
): readonly PathFault[] {
  const path = ['bedrock', 'targets', index]
  const before = targets.slice(0, index)
  const faults: PathFault[] = [...checkWhen([...path, 'when'], target['when'], dimensions)]
  const { name, region } = target
  if (name !== undefined && before.some((other) => other['name'] === name)) {
    faults.push({ path: [...path, 'name'], message: 'is the name of an earlier target' })
  }
  const hiding = before.findIndex(
    (other) => other['region'] === region && covers(other['when'], target['when']),
  )
  if (hiding >= 0) {
    const other = text(before[hiding]?.['name']) ?? `targets[${hiding}]`
    faults.push({ path, message: neverChosen(other) })
  }
  const place = {
    path: [...path, 'identity'],
    region: text(region),
    accountId: text(target['account_id']),
  }
  return [...faults, ...checkIdentity(place, target['identity'], dimensions)]
}

function checkRegion(targets: readonly Tree[], region: string): readonly PathFault[] {
  const isDefault = (target: Tree): boolean =>
    target['region'] === region && Object.keys(tree(target['when'])).length === 0
  if (targets.some(isDefault)) return []
  const last = targets.findLastIndex((target) => target['region'] === region)
  const message = `every target of ${region} has a when: calls it holds for none of could go nowhere`
  return [{ path: ['bedrock', 'targets', last, 'when'], message }]
}

function regionsOf(targets: readonly Tree[]): readonly string[] {
  return [...new Set(targets.flatMap(({ region }) => (typeof region === 'string' ? [region] : [])))]
}
