// Reads the tables of this folder and prices their rows. The form of a row is told in README.md.

import { readdirSync, readFileSync } from 'node:fs'
import { TIERS } from '@ledgerock/contract'
import { formatUsd } from '../../../kernel/money.ts'
import { mustOk } from '../../../kernel/result.ts'
import { costOfUsage, type Cost } from '../../cost-of-usage.ts'
import { resolveModel } from '../../model-catalog.ts'
import { parsePriceUsage } from '../../parse-price-usage.ts'
import type { PriceBook } from '../../price-book.ts'
import type { Usage } from '../../usage.ts'

export type GoldenRow = {
  readonly text: string
  readonly modelRequested: string
  readonly region: string
  /** As written; may be one that nobody knows. */
  readonly tier: string
  readonly usage: Usage
  /** Dollars, or the reason why there are none. */
  readonly expected: string
  readonly atMs: number
  readonly variant: string | null
  /** The comment right above the row, or null where another row or nothing stands there. */
  readonly comment: string | null
}

/** The day the shipped prices were collected; what most rows mean by now. */
const NOW = '2026-11-20'
const FOLDER = new URL('../', import.meta.url)
const ROW = /^(\S+) (\S+) (\S+) (\S+) = (\S+)(?: @ (\S+))?(?: ~ (.+))?$/

export function goldenTables(): readonly (readonly [name: string, rows: readonly GoldenRow[]])[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.txt'))
    .toSorted()
    .map((file) => [file.replace('.txt', ''), rowsOf(readFileSync(new URL(file, FOLDER), 'utf8'))])
}

function rowsOf(table: string): readonly GoldenRow[] {
  const lines = table.split('\n')
  return lines.flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return []
    const above = lines[index - 1] ?? ''
    return [goldenRow(line, above.startsWith('# ') ? above : null)]
  })
}

function goldenRow(text: string, comment: string | null): GoldenRow {
  const match = ROW.exec(text)
  if (match === null) throw new Error(`not a row: ${text}`)
  const [, modelRequested = '', region = '', tier = '', usage = '', expected = ''] = match
  return {
    text,
    modelRequested,
    region,
    tier,
    usage: mustOk(parsePriceUsage(usage)),
    expected,
    atMs: Date.parse(match[6] ?? NOW),
    variant: match[7] ?? null,
    comment,
  }
}

/** The cost of the row's call, or why its model does not resolve. */
export function costOfRow(book: PriceBook, row: GoldenRow): Cost | string {
  const identity = resolveModel(book, row.modelRequested)
  if (identity.kind === 'unresolved') return identity.reason
  const { modelId, scope } = identity
  const { region, atMs, usage, variant } = row
  const tier = TIERS.find((known) => known === row.tier) ?? null
  return costOfUsage(book, { modelId, region, scope, tier, atMs, usage, variant })
}

/** Dollars, or the reason why there are none. */
export function answerTo(cost: Cost | string): string {
  if (typeof cost === 'string') return cost
  return cost.kind === 'priced' ? formatUsd(cost.cost) : cost.reason
}
