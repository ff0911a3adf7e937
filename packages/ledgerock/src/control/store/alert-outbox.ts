// What sinks are still to be told. A message is for one sink, and waits until it is taken, given up or of no use any more.

import { sql, type Kysely, type Transaction } from 'kysely'
import type { AlertSeverity } from '../../governance/alert-rule.ts'
import type { AlertDeliveriesTable, ControlDatabase } from './schema.ts'

export const DELIVERY_STATES = ['pending', 'delivered', 'dropped'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

export type StoredDelivery = {
  readonly deliveryId: string
  readonly eventId: string
  readonly alertId: string
  readonly sink: string
  readonly severity: AlertSeverity
  /** JSON text, the same at each attempt. */
  readonly event: string
  readonly createdAt: string
  readonly nextAt: string
  readonly attempts: number
  readonly lastError: string | null
}

/** How a sink did lately. */
export type SinkTally = {
  readonly sink: string
  readonly pending: number
  readonly lastDeliveredAt: string | null
}

export type OutboxReads = {
  /** Names of sinks that are to be told something. */
  readonly pendingSinks: () => Promise<readonly string[]>
  /**
   * What may be told at `at`, of each alert only what comes next: its end does not overtake its firing. Critical first, then what was
   * tried least: what the sink never takes keeps nothing else from it.
   */
  readonly due: (sink: string, at: string, limit: number) => Promise<readonly StoredDelivery[]>
  /** Of the oldest message that failed and still waits. */
  readonly lastError: (sink: string) => Promise<string | null>
  readonly tallies: () => Promise<readonly SinkTally[]>
}

export type OutboxWrites = {
  readonly enqueue: (deliveries: readonly StoredDelivery[]) => Promise<void>
  readonly postpone: (
    deliveryId: string,
    next: { readonly at: string; readonly attempts: number; readonly error: string | null },
  ) => Promise<void>
  /** What waits for the end of a mute waits for another one. */
  readonly moveMuted: (alertId: string, from: string, to: string) => Promise<void>
  /** Drops what waits for the end of a mute. @returns the sinks that hear nothing of it */
  readonly dropMuted: (
    alertId: string,
    mutedUntil: string,
    at: string,
  ) => Promise<readonly string[]>
  readonly end: (
    deliveryId: string,
    state: Exclude<DeliveryState, 'pending'>,
    at: string,
    error: string | null,
  ) => Promise<void>
}

export function outboxReads(database: Kysely<ControlDatabase>): OutboxReads {
  return {
    async pendingSinks() {
      const rows = await database
        .selectFrom('alert_deliveries')
        .select('sink')
        .distinct()
        .where('state', '=', 'pending')
        .orderBy('sink')
        .execute()
      return rows.map(({ sink }) => sink)
    },
    async due(sink, at, limit) {
      const rows = await database
        .selectFrom('alert_deliveries')
        .selectAll()
        .where('state', '=', 'pending')
        .where('sink', '=', sink)
        .where('next_at', '<=', at)
        .where('place', 'in', (from) =>
          from
            .selectFrom('alert_deliveries')
            .select(({ fn }) => fn.min('place').as('first'))
            .where('state', '=', 'pending')
            .where('sink', '=', sink)
            .groupBy('alert_id'),
        )
        .orderBy(sql`case severity when 'critical' then 0 else 1 end`)
        .orderBy('attempts')
        .orderBy('place')
        .limit(limit)
        .execute()
      return rows.map(storedDelivery)
    },
    async lastError(sink) {
      const row = await database
        .selectFrom('alert_deliveries')
        .select('last_error')
        .where('state', '=', 'pending')
        .where('sink', '=', sink)
        .where('last_error', 'is not', null)
        .orderBy('place')
        .limit(1)
        .executeTakeFirst()
      return row?.last_error ?? null
    },
    async tallies() {
      const rows = await database
        .selectFrom('alert_deliveries')
        .select(({ fn }) => [
          'sink',
          'state',
          fn.countAll<number | string>().as('count'),
          fn.max('ended_at').as('ended_at'),
        ])
        .groupBy(['sink', 'state'])
        .execute()
      const sinks = [...new Set(rows.map(({ sink }) => sink))]
      return sinks.map((sink) => {
        const of = (state: DeliveryState) =>
          rows.find((row) => row.sink === sink && row.state === state)
        return {
          sink,
          pending: Number(of('pending')?.count ?? 0),
          lastDeliveredAt: of('delivered')?.ended_at ?? null,
        }
      })
    },
  }
}

export function outboxWrites(transaction: Transaction<ControlDatabase>): OutboxWrites {
  return {
    async enqueue(deliveries) {
      if (deliveries.length === 0) return
      // Writers stand in line, so nobody else counts on meanwhile.
      const row = await transaction
        .selectFrom('alert_deliveries')
        .select(({ fn }) => fn.max('place').as('last'))
        .executeTakeFirst()
      const last = row?.last ?? 0
      await transaction
        .insertInto('alert_deliveries')
        .values(
          deliveries.map((delivery, index) => ({
            delivery_id: delivery.deliveryId,
            event_id: delivery.eventId,
            alert_id: delivery.alertId,
            sink: delivery.sink,
            severity: delivery.severity,
            event: delivery.event,
            state: 'pending',
            created_at: delivery.createdAt,
            place: last + 1 + index,
            next_at: delivery.nextAt,
            attempts: delivery.attempts,
            last_error: delivery.lastError,
            ended_at: null,
          })),
        )
        .execute()
    },
    ...waitingWrites(transaction),
  }
}

function waitingWrites(transaction: Transaction<ControlDatabase>): Omit<OutboxWrites, 'enqueue'> {
  return {
    async postpone(deliveryId, { at, attempts, error }) {
      await transaction
        .updateTable('alert_deliveries')
        .set({ next_at: at, attempts, last_error: error })
        .where('delivery_id', '=', deliveryId)
        .where('state', '=', 'pending')
        .execute()
    },
    async moveMuted(alertId, from, to) {
      await transaction
        .updateTable('alert_deliveries')
        .set({ next_at: to })
        .where('alert_id', '=', alertId)
        .where('next_at', '=', from)
        .where('attempts', '=', 0)
        .where('state', '=', 'pending')
        .execute()
    },
    async dropMuted(alertId, mutedUntil, at) {
      const rows = await transaction
        .updateTable('alert_deliveries')
        .set({ state: 'dropped', ended_at: at })
        .where('alert_id', '=', alertId)
        .where('next_at', '=', mutedUntil)
        .where('attempts', '=', 0)
        .where('state', '=', 'pending')
        .returning('sink')
        .execute()
      return rows.map(({ sink }) => sink)
    },
    async end(deliveryId, state, at, error) {
      await transaction
        .updateTable('alert_deliveries')
        .set({ state, ended_at: at, last_error: error })
        .where('delivery_id', '=', deliveryId)
        .where('state', '=', 'pending')
        .execute()
    },
  }
}

function storedDelivery(row: AlertDeliveriesTable): StoredDelivery {
  return {
    deliveryId: row.delivery_id,
    eventId: row.event_id,
    alertId: row.alert_id,
    sink: row.sink,
    severity: row.severity as AlertSeverity,
    event: row.event,
    createdAt: row.created_at,
    nextAt: row.next_at,
    attempts: row.attempts,
    lastError: row.last_error,
  }
}
