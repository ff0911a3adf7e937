// Control's second: what the workers asked of each limit is laid beside what other nodes on the same store claim, and what this
// node may use is divided among its workers. A store that does not answer leaves the node with the part it had.

import type {
  DividedPart,
  DividedRule,
  ShareDivider,
  WorkerReport,
} from '../../governance/limit/share-divider.ts'
import type { LimitShares } from '../../governance/limit/limit-shares.ts'
import type { NodeParts, LimitNodes } from './limit-shares-nodes.ts'

export type LimitShareControl = {
  readonly reported: (worker: string, report: WorkerReport) => void
  readonly workerDied: (worker: string) => void
  /** Once a second. Resolves when the shares are on their way. */
  readonly tick: () => Promise<void>
}

export type LimitShareControlDeps = {
  readonly divider: ShareDivider
  readonly rules: () => readonly DividedRule[]
  /** Null: no other node can be on this store. */
  readonly nodes: LimitNodes | null
  readonly send: (round: number, shares: Readonly<Record<string, LimitShares>>) => void
  /** Another number than any round of a control process before this one on the node ended with. */
  readonly firstRound: number
}

export function createLimitShareControl(deps: LimitShareControlDeps): LimitShareControl {
  const { divider, nodes } = deps
  let round = deps.firstRound
  let busy = false
  let last: NodeParts = new Map()

  function divide(rules: readonly DividedRule[]): void {
    round += 1
    deps.send(
      round,
      divider.divide(
        round,
        rules.map((rule) => partOf(rule, last)),
      ),
    )
  }

  return {
    reported: divider.reported,
    workerDied: divider.gone,
    async tick() {
      const rules = deps.rules()
      // Who waits for the store goes on dividing what it has: a worker may have died.
      if (nodes === null || busy) return divide(rules)
      busy = true
      try {
        last = await nodes.claim(rules, divider.stand)
      } finally {
        busy = false
        divide(rules)
      }
    },
  }
}

function partOf(rule: DividedRule, parts: NodeParts): DividedPart {
  return { ...rule, ...(parts.get(rule.name) ?? { part: 1, slots: rule.limit }) }
}
