// Alerts of one node, put together: the watch looks once a second, the outbox tells, the service answers people. Started with the
// control process and stopped before its store closes.

import { publishToSns } from '../../aws/sns.ts'
import type { AlertsConfig } from '../../governance/alert-rule.ts'
import type { Budget } from '../../governance/budget/budget.ts'
import { MS_PER_SECOND, type Clock } from '../../kernel/time.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { createSafePost, resolveHost } from '../../platform/safe-fetch.ts'
import type { BudgetState } from '../leases/budget-state.ts'
import type { ControlStore } from '../store/control-store.ts'
import { createAlertFigures, type AlertFigures } from './alert-figures.ts'
import { createAlertService, type AlertService } from './alert-service.ts'
import { createAlertWatch } from './alert-watch.ts'
import { createFactSource } from './fact-source.ts'
import { createOutbox } from './outbox.ts'
import { sendMail } from './send-mail.ts'
import { createSender } from './sender.ts'
import { createStoreOutage } from './store-outage.ts'
import { createWatchPost } from './watch-post.ts'

export type AlertsDeps = {
  readonly store: ControlStore
  readonly ledger: Pick<Ledger, 'spend' | 'status'>
  /** Read at every look: a reload counts at once. */
  readonly config: () => AlertsConfig
  /** In force, approved raises included. */
  readonly budgets: () => readonly Budget[]
  /** Null: not known yet. */
  readonly budgetStates: () => readonly BudgetState[] | null
  readonly journalMaxBytes: () => number
  /** Of this node's clock to the store's; null: not known. */
  readonly clockOffsetMs: () => number | null
  readonly nodeId: string
  /** Where people reach Ledgerock. */
  readonly origin: () => string
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly dice: () => number
  readonly log: (
    level: 'info' | 'warn',
    event: string,
    fields: Readonly<Record<string, unknown>>,
  ) => void
}

export type Alerts = {
  readonly service: AlertService
  readonly figures: () => AlertFigures
  /** One look and one round, and all that is told in it; tests call it instead of `start`. */
  readonly turn: () => Promise<void>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

const TURN_EVERY_MS = MS_PER_SECOND

export function createAlerts(deps: AlertsDeps): Alerts {
  const { store, clock, config, nodeId, random, log } = deps
  const figures = createAlertFigures()
  const sinks = (): AlertsConfig['sinks'] => config().sinks
  const now = (): number => clock.now()
  const post = createSafePost({ resolve: resolveHost, allowHosts: () => config().allowHosts })
  const send = createSender({ post, sendMail, publish: publishToSns, now })
  const url = (alertId: string): string => `${deps.origin()}/#alert=${alertId}`
  const raising = { store, nodeId, random, now, url }
  const outage = createStoreOutage({ ...raising, clock, sinks, send })
  const watch = createAlertWatch({
    ...raising,
    clock,
    config,
    budgets: deps.budgets,
    facts: createFactSource({ ...deps, budgets: deps.budgetStates }),
    post: createWatchPost({ store, nodeId, clock }),
    outage,
    onRaised: figures.raised,
  })
  const onError = (error: unknown): void => log('warn', 'alerts_failed', { reason: String(error) })
  const outbox = createOutbox({
    store,
    sinks,
    send,
    clock,
    dice: deps.dice,
    onOutcome: ({ sink, eventId, outcome, reason }) => {
      figures.told(sinks().find(({ name }) => name === sink)?.type ?? 'gone', outcome)
      const level = outcome === 'delivered' ? 'info' : 'warn'
      const why = reason === null ? {} : { reason }
      log(level, `alert_${outcome}`, { sink, event: eventId, ...why })
    },
    onError,
  })
  const service = createAlertService({ store, sinks, send, url: deps.origin, clock, random })

  async function look(): Promise<void> {
    if (await watch.look()) await outbox.round()
  }

  let timer: NodeJS.Timeout | null = null
  let looking: Promise<void> | null = null
  return {
    service,
    figures: figures.read,
    async turn() {
      await look()
      await outbox.idle()
    },
    start() {
      timer = setInterval(() => {
        looking ??= look()
          .catch(onError)
          .finally(() => {
            looking = null
          })
      }, TURN_EVERY_MS)
    },
    async stop() {
      if (timer !== null) clearInterval(timer)
      await looking
      await outbox.idle()
    },
  }
}
