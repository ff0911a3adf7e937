// Alerts that were raised, with the outbox of what sinks are still to be told. An alert and what is to be said about it are written in
// one transaction, so neither a crash nor a second watcher makes people hear of it twice or never.

import type { Kysely, Transaction } from 'kysely'
import type { AlertKind, AlertSeverity } from '../../governance/alert-rule.ts'
import type { RuleScope } from '../../governance/rule-scope.ts'
import { outboxReads, outboxWrites, type OutboxReads, type OutboxWrites } from './alert-outbox.ts'
import type { AlertsTable, ControlDatabase } from './schema.ts'

export type AlertPeriod = { readonly from: string; readonly to: string | null }

export type StoredAlert = {
  readonly alertId: string
  readonly rule: string
  readonly kind: AlertKind
  /** Of what concerns one node; null: of all. */
  readonly nodeId: string | null
  /** What of all that the rule watches. */
  readonly subject: string
  readonly severity: AlertSeverity
  readonly scope: RuleScope
  readonly budget: string | null
  readonly counter: string | null
  readonly period: AlertPeriod | null
  /** Decimals, in the unit of the kind; as of the firing. */
  readonly value: string
  readonly threshold: string
  readonly message: string
  readonly sinks: readonly string[]
  readonly firedAt: string
  readonly resolvedAt: string | null
  readonly ackedAt: string | null
  readonly ackedBy: string | null
  readonly mutedUntil: string | null
  readonly mutedBy: string | null
}

export type MutedAlert = Pick<StoredAlert, 'rule' | 'subject' | 'mutedUntil' | 'mutedBy'>

export type AlertReads = OutboxReads & {
  readonly firing: () => Promise<readonly StoredAlert[]>
  /** Newest first, from `before` (exclusive, by time and id) on. */
  readonly page: (
    before: { readonly firedAt: string; readonly alertId: string } | null,
    limit: number,
  ) => Promise<readonly StoredAlert[]>
  readonly find: (alertId: string) => Promise<StoredAlert | null>
  /** What is muted beyond `at`, by rule and subject; of the newest alert last. */
  readonly muted: (at: string) => Promise<readonly MutedAlert[]>
  readonly watcher: () => Promise<{ readonly nodeId: string; readonly beat: number } | null>
}

export type AlertWrites = AlertReads &
  OutboxWrites & {
    /** False where the same alert is firing already. */
    readonly raise: (alert: StoredAlert) => Promise<boolean>
    /** False where it is over already. */
    readonly resolve: (alertId: string, at: string) => Promise<boolean>
    readonly acknowledge: (alertId: string, at: string, by: string) => Promise<void>
    readonly mute: (alertId: string, until: string, by: string) => Promise<void>
    readonly watch: (nodeId: string, beat: number) => Promise<void>
    /** Forgets what ended before. */
    readonly prune: (before: string) => Promise<void>
  }

export function alertReads(database: Kysely<ControlDatabase>): AlertReads {
  return {
    ...outboxReads(database),
    async firing() {
      const rows = await database
        .selectFrom('alerts')
        .selectAll()
        .where('resolved_at', 'is', null)
        .orderBy('fired_at')
        .orderBy('alert_id')
        .execute()
      return rows.map(storedAlert)
    },
    async page(before, limit) {
      let query = database
        .selectFrom('alerts')
        .selectAll()
        .orderBy('fired_at', 'desc')
        .orderBy('alert_id', 'desc')
        .limit(limit)
      if (before !== null) {
        query = query.where((is) =>
          is.or([
            is('fired_at', '<', before.firedAt),
            is.and([is('fired_at', '=', before.firedAt), is('alert_id', '<', before.alertId)]),
          ]),
        )
      }
      return (await query.execute()).map(storedAlert)
    },
    async find(alertId) {
      const row = await database
        .selectFrom('alerts')
        .selectAll()
        .where('alert_id', '=', alertId)
        .executeTakeFirst()
      return row === undefined ? null : storedAlert(row)
    },
    async muted(at) {
      const rows = await database
        .selectFrom('alerts')
        .select(['rule', 'subject', 'muted_until', 'muted_by'])
        .where('muted_until', '>', at)
        .orderBy('fired_at')
        .orderBy('alert_id')
        .execute()
      return rows.map(({ rule, subject, muted_until, muted_by }) => ({
        rule,
        subject,
        mutedUntil: muted_until,
        mutedBy: muted_by,
      }))
    },
    async watcher() {
      const row = await database.selectFrom('alert_watch').selectAll().executeTakeFirst()
      return row === undefined ? null : { nodeId: row.node_id, beat: row.beat }
    },
  }
}

export function alertWrites(transaction: Transaction<ControlDatabase>): AlertWrites {
  return {
    ...alertReads(transaction),
    ...outboxWrites(transaction),
    async raise(alert) {
      const { numInsertedOrUpdatedRows: inserted } = await transaction
        .insertInto('alerts')
        .values(alertRow(alert))
        .onConflict((conflict) =>
          conflict.columns(['rule', 'subject']).where('resolved_at', 'is', null).doNothing(),
        )
        .executeTakeFirst()
      return (inserted ?? 0n) > 0n
    },
    async resolve(alertId, at) {
      const { numUpdatedRows: updated } = await transaction
        .updateTable('alerts')
        .set({ resolved_at: at })
        .where('alert_id', '=', alertId)
        .where('resolved_at', 'is', null)
        .executeTakeFirst()
      return updated > 0n
    },
    async acknowledge(alertId, at, by) {
      await transaction
        .updateTable('alerts')
        .set({ acked_at: at, acked_by: by })
        .where('alert_id', '=', alertId)
        .execute()
    },
    async mute(alertId, until, by) {
      await transaction
        .updateTable('alerts')
        .set({ muted_until: until, muted_by: by })
        .where('alert_id', '=', alertId)
        .execute()
    },
    async watch(nodeId, beat) {
      const said = { node_id: nodeId, beat }
      await transaction
        .insertInto('alert_watch')
        .values({ id: 1, ...said })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(said))
        .execute()
    },
    async prune(before) {
      await transaction.deleteFrom('alert_deliveries').where('ended_at', '<', before).execute()
      await transaction.deleteFrom('alerts').where('resolved_at', '<', before).execute()
    },
  }
}

function alertRow(alert: StoredAlert): AlertsTable {
  return {
    alert_id: alert.alertId,
    rule: alert.rule,
    kind: alert.kind,
    node_id: alert.nodeId,
    subject: alert.subject,
    severity: alert.severity,
    scope: JSON.stringify(alert.scope),
    budget: alert.budget,
    counter: alert.counter,
    period: alert.period === null ? null : JSON.stringify(alert.period),
    value: alert.value,
    threshold: alert.threshold,
    message: alert.message,
    sinks: JSON.stringify(alert.sinks),
    fired_at: alert.firedAt,
    resolved_at: alert.resolvedAt,
    acked_at: alert.ackedAt,
    acked_by: alert.ackedBy,
    muted_until: alert.mutedUntil,
    muted_by: alert.mutedBy,
  }
}

function storedAlert(row: AlertsTable): StoredAlert {
  return {
    alertId: row.alert_id,
    rule: row.rule,
    kind: row.kind as AlertKind,
    nodeId: row.node_id,
    subject: row.subject,
    severity: row.severity as AlertSeverity,
    scope: JSON.parse(row.scope) as RuleScope,
    budget: row.budget,
    counter: row.counter,
    period: row.period === null ? null : (JSON.parse(row.period) as AlertPeriod),
    value: row.value,
    threshold: row.threshold,
    message: row.message,
    sinks: JSON.parse(row.sinks) as readonly string[],
    firedAt: row.fired_at,
    resolvedAt: row.resolved_at,
    ackedAt: row.acked_at,
    ackedBy: row.acked_by,
    mutedUntil: row.muted_until,
    mutedBy: row.muted_by,
  }
}
