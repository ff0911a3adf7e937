// The watch: each second the rules in force are held against the facts, and what changed is written down together with whom to tell. What
// concerns one node (its journal, its clock, its stores) that node watches itself; the rest is watched by one node for all.

import type { AlertRule, AlertsConfig } from '../../governance/alert-rule.ts'
import type { Budget } from '../../governance/budget/budget.ts'
import { isoTime, MS_PER_DAY, MS_PER_HOUR, type Clock } from '../../kernel/time.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { StoredAlert } from '../store/alert-tables.ts'
import { ALERT_KIND_ROWS } from './alert-kinds.ts'
import { rulesInForce, watchedRule } from './declared-rules.ts'
import { evaluate } from './evaluate.ts'
import type { FactSource } from './fact-source.ts'
import type { AlertFacts } from './facts.ts'
import { writeChanges, type RaiseDeps } from './raise-alerts.ts'
import type { Readings } from './watched-rule.ts'
import type { WatchPost } from './watch-post.ts'
import type { StoreOutage } from './store-outage.ts'

export type AlertWatchDeps = RaiseDeps & {
  readonly store: Pick<ControlStore, 'kind' | 'read' | 'write'>
  readonly clock: Clock
  readonly config: () => AlertsConfig
  readonly budgets: () => readonly Budget[]
  readonly facts: FactSource
  /** So many alerts are new. */
  readonly onRaised: (count: number) => void
  readonly post: WatchPost
  readonly outage: StoreOutage
}

export type AlertWatch = {
  /** One look. @returns whether this node watches, and tells, for all */
  readonly look: () => Promise<boolean>
}

const PRUNE_EVERY_MS = MS_PER_HOUR
const KEPT_MS = 400 * MS_PER_DAY

export function createAlertWatch(deps: AlertWatchDeps): AlertWatch {
  let pending: ReadonlyMap<string, number> = new Map()
  let prunedAtMs = Number.NEGATIVE_INFINITY

  async function lookAt(rules: readonly AlertRule[]): Promise<boolean> {
    const isOurs = await deps.post.isOurs()
    const own = rules.filter(({ when }) => isOurs || ALERT_KIND_ROWS[when].isLocal)
    const firing = (await deps.store.read.alerts.firing()).filter((alert) =>
      isWatchedHere(alert, deps.nodeId, isOurs),
    )
    const readings = readingsOf(own, deps.facts(own, 0))
    const state = { firing, pending }
    const found = evaluate(own.map(watchedRule), readings, state, deps.clock.now())
    const { raised } = await writeChanges(deps, found.changes)
    deps.onRaised(raised)
    // Only what is written down is over with: after a failure all is found again.
    pending = found.pending
    if (isOurs) await prune()
    return isOurs
  }

  async function prune(): Promise<void> {
    const now = deps.clock.monotonic()
    if (now - prunedAtMs < PRUNE_EVERY_MS) return
    prunedAtMs = now
    const before = isoTime(deps.clock.now() - KEPT_MS)
    await deps.store.write(({ alerts }) => alerts.prune(before))
  }

  return {
    async look() {
      const rules = rulesInForce(deps.config(), deps.budgets())
      try {
        await deps.outage.writeDown()
        const isOurs = await lookAt(rules)
        deps.outage.over()
        return isOurs
      } catch (error) {
        const local = rules.filter(({ when }) => when === 'store')
        const facts = deps.facts(local, deps.outage.lastsMs())
        await deps.outage.tell(local.map(watchedRule), readingsOf(local, facts))
        throw error
      }
    },
  }
}

function isWatchedHere(alert: StoredAlert, nodeId: string, isOurs: boolean): boolean {
  return alert.nodeId === null ? isOurs : alert.nodeId === nodeId
}

export function readingsOf(rules: readonly AlertRule[], facts: AlertFacts): Readings {
  return new Map(rules.map((rule) => [rule.name, ALERT_KIND_ROWS[rule.when].read(rule, facts)]))
}
