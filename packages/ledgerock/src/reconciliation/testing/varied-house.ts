// What can be otherwise in the house of a simulated month: how the gateway calls, what the ledger missed, who moved when, and how late
// AWS shows a tag. The bill, and the truth beside it, follow from it.

import type { BilledCall, Month } from '@ledgerock/bedrock-simulator'
import { MS_PER_DAY, MS_PER_HOUR } from '../../kernel/time.ts'

export const HOUSES = ['no_sessions', 'outage', 'shared_role', 'reorganised', 'tag_lag'] as const
export type House = (typeof HOUSES)[number]

const START_MS = Date.UTC(2026, 9, 1)
const GATEWAY = 'arn:aws:sts::222233334444:assumed-role/ledgerock-gateway/gateway-1'
const SHARED = 'arn:aws:sts::222233334444:assumed-role/ml-shared/worker'

export function withHouse(house: House, month: Month, turn: number): Month {
  const { calls, world } = month
  switch (house) {
    case 'no_sessions':
      return {
        ...month,
        calls: calls.map((call) =>
          call.principal.includes('/lr-') ? { ...call, principal: GATEWAY, sessionTags: {} } : call,
        ),
        world: { ...world, gatewaySessions: new Map() },
      }
    case 'outage': {
      const fromMs = START_MS + (turn % 28) * MS_PER_DAY + 8 * MS_PER_HOUR
      return { ...month, calls: calls.map((call) => lost(call, fromMs, fromMs + 30 * MS_PER_HOUR)) }
    }
    case 'shared_role':
      // Every third call of everybody who sits behind the gateway goes to the shared role instead, half of them unreported.
      return { ...month, calls: calls.map(throughSharedRole) }
    case 'reorganised':
      return reorganised(month, turn)
    case 'tag_lag':
      return {
        ...month,
        world: {
          ...world,
          principalTags: world.principalTags.map((tag) => ({
            ...tag,
            shownFromMs: tag.setAtMs + (turn % 47) * MS_PER_HOUR,
          })),
        },
      }
  }
}

function lost(call: BilledCall, fromMs: number, toMs: number): BilledCall {
  return call.atMs >= fromMs && call.atMs < toMs ? { ...call, meteredUsage: null } : call
}

function throughSharedRole(call: BilledCall, index: number): BilledCall {
  if (call.via !== 'gateway' || index % 3 !== 0 || call.meteredUsage === null) return call
  const meteredUsage = index % 2 === 0 ? call.meteredUsage : null
  return { ...call, principal: SHARED, sessionTags: {}, meteredUsage }
}

/** Two principals change hands once more, on the hour. */
function reorganised(month: Month, turn: number): Month {
  const movedMs = START_MS + (3 + (turn % 24)) * MS_PER_DAY + (turn % 24) * MS_PER_HOUR
  const after = { team: 'platform', application: 'developer-portal' }
  const moves = (text: string): boolean =>
    text.includes('BedrockAPIKey-') || text.endsWith('role/reports-app')
  return {
    ...month,
    calls: month.calls.map((call) =>
      moves(call.principal) && call.billedAtMs >= movedMs ? { ...call, owner: after } : call,
    ),
    world: {
      ...month.world,
      ownerRules: month.world.ownerRules.flatMap((rule) =>
        moves(rule.match)
          ? [
              { ...rule, toMs: movedMs },
              { ...rule, set: after, fromMs: movedMs },
            ]
          : [rule],
      ),
    },
  }
}
