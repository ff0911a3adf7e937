// Whether anything tells whose the dollars of a line's part are. Every kind of evidence is asked, also the wrong one: a rule that
// was not changed, a tag that AWS still shows. The strongest decides; where it is wrong the part cannot be determined.

import type { BillLine, LinePart } from './bill-line.ts'
import type { Evidence, Owner, Reason, Rule } from './bill-truth.ts'
import { ruledOwner, type BillWorld } from './bill-world.ts'
import type { Words } from './bill-row.ts'

export type Verdict = {
  readonly rule: Rule | null
  readonly reason: Reason | null
  readonly evidence: readonly Evidence[]
}

export function judge(line: BillLine, part: LinePart, world: BillWorld): Verdict {
  const evidence = evidenceOf(line, part, world)
  const [strongest] = evidence
  if (strongest?.isRight === true) return { rule: strongest.rule, reason: null, evidence }
  const reason = strongest === undefined ? reasonOf(line, part, world) : 'misled'
  return { rule: null, reason, evidence }
}

function evidenceOf(line: BillLine, part: LinePart, world: BillWorld): readonly Evidence[] {
  const { principal, tags } = line
  const found: (readonly [Rule, Owner | null | undefined])[] = [
    ['gateway_session', world.gatewaySessions.get(principal)],
    ['metered', part.isMetered && !part.isEstimated && !line.isUnlisted ? part.owner : null],
    [
      'owner_rule',
      principal === '' ? null : ruledOwner(world, principal, line.startMs, line.endMs),
    ],
    ['principal_tag', tagged(tags, 'iamPrincipal/')],
    ['resource_tag', tagged(tags, 'resourceTags/')],
    ['account_tag', tagged(tags, 'accountTag/')],
    ['cost_category', tagged(tags, 'costCategory/')],
  ]
  return found.flatMap(([rule, owner]) =>
    owner === null || owner === undefined
      ? []
      : [{ rule, owner, isRight: agrees(owner, part.owner) }],
  )
}

function tagged(tags: Words, prefix: string): Owner | null {
  const entries = Object.entries(tags)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length).toLowerCase(), value] as const)
  const team = entries.find(([key]) => key === 'team')
  return team === undefined ? null : { team: team[1] }
}

/** Everything it says is true. */
function agrees(said: Owner, owner: Owner | null): boolean {
  return (
    owner !== null && Object.entries(said).every(([dimension, value]) => owner[dimension] === value)
  )
}

function reasonOf(line: BillLine, part: LinePart, world: BillWorld): Reason {
  if (line.isUnlisted) return 'unmapped_usage_type'
  if (part.isEstimated) return 'estimate'
  if (line.principal === '') return 'empty_principal'
  if (line.principal.endsWith(':root')) return 'root'
  if (world.gatewayPrincipals.has(line.principal)) return 'unmetered'
  if (world.sharedPrincipals.has(line.principal)) return 'shared_role'
  return 'no_owner'
}
