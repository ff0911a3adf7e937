// Runs the SQL of a spend plan and reads the answer: sums per group, with the distinct logical calls of the second query put
// beside them, and the total over the same calls.

import { mustOk } from '../../kernel/result.ts'
import { parseUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import { addHistograms, type Histogram } from '../histogram.ts'
import {
  COUNTS,
  DOLLARS,
  type Count,
  type Dollars,
  type SpendGroup,
  type SpendParts,
  type SpendPlan,
  type Sums,
} from '../spend-plan.ts'
import type { Database, Session } from './database.ts'
import { spendSql } from './spend-sql.ts'

type Row = Readonly<Record<string, unknown>>

export async function readSpend(database: Database, plan: SpendPlan): Promise<SpendParts> {
  const sql = spendSql(database.name, plan)
  return database.use(plan.lane, async (session) => {
    const rows = await session.select<Row>(sql.groups)
    const logical = await logicalCallsByGroup(session, sql.logical, plan)
    const logicalTotal = (await session.select<Row>(sql.logicalTotal))[0]?.['logical_calls'] ?? 0
    const groups = rows.map((row): SpendGroup => {
      const keys = keysOf(row, plan)
      const bucketMs = plan.bucketStarts === null ? null : Number(row['bucket'])
      const logicalCalls = logical.get(groupId(keys, bucketMs)) ?? 0
      return { keys, bucketMs, sums: sumsOf(row, logicalCalls) }
    })
    const tooMany = rows.length > plan.rowsMax
    const total =
      sql.total === null
        ? totalOf(groups, Number(logicalTotal))
        : sumsOf((await session.select<Row>(sql.total))[0] ?? {}, Number(logicalTotal))
    return { groups: tooMany ? null : groups, total }
  })
}

async function logicalCallsByGroup(
  session: Session,
  sql: string,
  plan: SpendPlan,
): Promise<ReadonlyMap<string, number>> {
  const rows = await session.select<Row>(sql)
  return new Map(
    rows.map((row) => {
      const bucketMs = plan.bucketStarts === null ? null : Number(row['bucket'])
      return [groupId(keysOf(row, plan), bucketMs), Number(row['logical_calls'])]
    }),
  )
}

function groupId(keys: readonly string[], bucketMs: number | null): string {
  return JSON.stringify([bucketMs, ...keys])
}

function keysOf(row: Row, plan: SpendPlan): readonly string[] {
  const keys = plan.keys.map((_, index) => String(row[`key${index}`]))
  return plan.byKind ? [...keys, String(row['kind'])] : keys
}

function sumsOf(row: Row, logicalCalls: number): Sums {
  const counts = COUNTS.map((name) => [name, Number(row[`sum_${name}`] ?? 0)] as const)
  const dollars = DOLLARS.map((name) => [name, moneyOf(row[`sum_${name}`])] as const)
  const quantity = row['sum_quantity']
  return {
    counts: Object.fromEntries(counts) as Record<Count, number>,
    dollars: Object.fromEntries(dollars) as Record<Dollars, Picodollars>,
    logicalCalls,
    quantity: quantity === undefined ? null : Number(quantity),
    latency: histogramOf(row['sum_latency']),
    firstByte: histogramOf(row['sum_first_byte']),
  }
}

function totalOf(groups: readonly SpendGroup[], logicalCalls: number): Sums {
  const sums = groups.map((group) => group.sums)
  const counts = COUNTS.map(
    (name) => [name, sums.reduce((sum, one) => sum + one.counts[name], 0)] as const,
  )
  const dollars = DOLLARS.map(
    (name) => [name, sumMoney(sums.map((one) => one.dollars[name]))] as const,
  )
  return {
    counts: Object.fromEntries(counts) as Record<Count, number>,
    dollars: Object.fromEntries(dollars) as Record<Dollars, Picodollars>,
    logicalCalls,
    quantity: null,
    latency: addHistograms(sums.map((one) => one.latency)),
    firstByte: addHistograms(sums.map((one) => one.firstByte)),
  }
}

function moneyOf(value: unknown): Picodollars {
  return mustOk(parseUsd(typeof value === 'string' ? value : '0'))
}

function histogramOf(value: unknown): Histogram {
  const counts = Object.entries((value ?? {}) as Record<string, number>)
  return new Map(counts.map(([bucket, count]) => [Number(bucket), count]))
}
