// Lays the ledger's tokens beside the bill's: by the hour, then by the day, then against the neighbouring days, then over the month. A
// token that found its place is taken and never used twice. Where the ledger has more than the bill in a stretch, each owner gives in
// proportion, and what is left goes on to the next, wider stretch.
//
//   hour ──left──▶ day ──left──▶ day before, day after ──left──▶ month      (and again for each pass of `match-keys.ts`)

import { apportion } from '../kernel/apportion.ts'
import { assert } from '../kernel/assert.ts'
import type { Picodollars } from '../kernel/money.ts'
import { MS_PER_DAY, MS_PER_HOUR } from '../kernel/time.ts'
import type { BilledLine, MeteredUse } from './cell.ts'
import { wholeOf } from './exact.ts'
import { EXACT_PASS, keyOf, PASSES, type Loosened, type Pass } from './match-keys.ts'
import { ownerKey } from './owner.ts'

export const STRETCHES = ['hour', 'day', 'day_before', 'day_after', 'month'] as const
export type Stretch = (typeof STRETCHES)[number]

/** Tokens of one owner that stand for as many of the bill's. */
export type Taken = {
  readonly use: MeteredUse
  readonly tokens: bigint
  /** Null: the call has no price. */
  readonly usd: Picodollars | null
  readonly stretch: Stretch
  readonly loosened: Loosened | null
}

/** Lines of one cell and stretch, with what the ledger knows of them. */
export type MatchedCell = {
  readonly key: string
  readonly fromMs: number
  readonly toMs: number
  readonly lines: readonly BilledLine[]
  readonly tokens: bigint
  readonly taken: readonly Taken[]
  /** Tokens nobody in the ledger stands for. */
  readonly rest: bigint
}

export type Matching = {
  readonly cells: readonly MatchedCell[]
  /** Tokens of the ledger that are not on the bill. */
  readonly left: readonly {
    readonly use: MeteredUse
    readonly tokens: bigint
    readonly usd: Picodollars | null
  }[]
}

type OpenCell = {
  readonly id: string
  readonly key: string
  readonly fromMs: number
  readonly toMs: number
  readonly lines: BilledLine[]
  readonly first: BilledLine
  tokens: bigint
  open: bigint
  readonly taken: Taken[]
}

type OpenUse = {
  readonly id: string
  readonly key: string
  readonly use: MeteredUse
  open: bigint
  usd: bigint | null
}

/** Lines are of usage and mapped. The order of neither list matters. */
export function matchUsage(
  lines: readonly BilledLine[],
  metered: readonly MeteredUse[],
  salt: string,
): Matching {
  const cells = openCells(lines)
  const uses = openUses(metered)
  const isNamed = namedModels(lines)
  let [wanting, having] = [cells, uses]
  for (const pass of PASSES) {
    const isSilentBill = pass.silent.includes('bill_principal')
    wanting = wanting.filter(({ open }) => open > 0n)
    having = having.filter(({ open }) => open > 0n)
    const fit = having.filter(({ use }) => mayPass(use, pass))
    const fitCells = isSilentBill
      ? wanting.filter(({ first }) => !isNamed.has(first.modelId))
      : wanting
    if (fit.length > 0 && fitCells.length > 0) matchPass(fitCells, fit, pass, salt)
  }
  return {
    cells: cells.map((cell) => ({ ...cell, rest: cell.open })),
    left: uses
      .filter(({ open }) => open > 0n)
      .map(({ use, open, usd }) => ({ use, tokens: open, usd: usd as Picodollars | null })),
  }
}

function matchPass(
  cells: readonly OpenCell[],
  uses: readonly OpenUse[],
  pass: Pass,
  salt: string,
): void {
  let [wanting, having] = [cells, uses]
  for (const stretch of STRETCHES) {
    matchStretch(wanting, having, pass, stretch, salt)
    wanting = wanting.filter(({ open }) => open > 0n)
    having = having.filter(({ open }) => open > 0n)
    if (wanting.length === 0 || having.length === 0) return
  }
}

function mayPass({ accountId, principal }: MeteredUse, { silent }: Pass): boolean {
  if (silent.includes('account') && accountId !== null) return false
  return !silent.includes('ledger_principal') || principal === ''
}

/** Models of which the bill names a caller anywhere; of the others it never does, whoever calls. */
function namedModels(lines: readonly BilledLine[]): ReadonlySet<string> {
  return new Set(lines.filter(({ principal }) => principal !== '').map(({ modelId }) => modelId))
}

function openCells(lines: readonly BilledLine[]): readonly OpenCell[] {
  const cells = new Map<string, OpenCell>()
  for (const line of lines) {
    const key = keyOf(line, EXACT_PASS)
    const id = `${line.fromMs} ${line.toMs} ${key}`
    const cell = cells.get(id) ?? {
      id,
      key,
      fromMs: line.fromMs,
      toMs: line.toMs,
      lines: [],
      first: line,
      tokens: 0n,
      open: 0n,
      taken: [],
    }
    cells.set(id, cell)
    cell.lines.push(line)
    cell.tokens += line.quantity === null ? 0n : wholeOf(line.quantity)
  }
  const all = [...cells.values()].toSorted(
    (left, right) => left.fromMs - right.fromMs || (left.id < right.id ? -1 : 1),
  )
  return all.map((cell) => {
    const ordered = cell.lines.length > 1 ? inOrder(cell.lines) : cell.lines
    const open = cell.tokens > 0n ? cell.tokens : 0n
    return { ...cell, lines: ordered, first: ordered[0] ?? cell.first, open }
  })
}

/** The same whatever order the lines came in: the first speaks for the cell. */
function inOrder(lines: readonly BilledLine[]): BilledLine[] {
  const keyed = lines.map((line) => {
    const { usageType, resourceId, tags, scope, tier, kind, quantity, unblended, net } = line
    const words = [usageType, resourceId, scope, tier, kind, quantity, unblended, net].map(String)
    const sorted = Object.entries(tags).toSorted(([left], [right]) => (left < right ? -1 : 1))
    return { line, key: JSON.stringify([words, sorted]) }
  })
  return keyed.toSorted((left, right) => (left.key < right.key ? -1 : 1)).map(({ line }) => line)
}

function openUses(metered: readonly MeteredUse[]): readonly OpenUse[] {
  const uses = new Map<string, OpenUse>()
  for (const use of metered) {
    const key = keyOf(use, EXACT_PASS)
    const id = `${use.hourMs} ${key} ${ownerKey(use.owner)}`
    const known = uses.get(id)
    const usd = use.usd === null || known?.usd === null ? null : (known?.usd ?? 0n) + use.usd
    const speaker = known === undefined || scopeOf(use) < scopeOf(known.use) ? use : known.use
    uses.set(id, { id, key, use: speaker, open: (known?.open ?? 0n) + use.tokens, usd })
  }
  return [...uses.values()].toSorted(
    (left, right) => left.use.hourMs - right.use.hourMs || (left.id < right.id ? -1 : 1),
  )
}

/** In-region and geo are added up: one of them speaks for both, whichever came first. */
const scopeOf = ({ scope }: MeteredUse): string => scope ?? ''

function matchStretch(
  cells: readonly OpenCell[],
  uses: readonly OpenUse[],
  pass: Pass,
  stretch: Stretch,
  salt: string,
): void {
  const groups = new Map<string, { readonly cells: OpenCell[]; readonly uses: OpenUse[] }>()
  const isExact = pass === PASSES[0]
  for (const cell of cells) {
    const time = timeOfCell(cell, stretch)
    if (time === null) continue
    const key = `${time} ${isExact ? cell.key : keyOf(cell.first, pass)}`
    const group = groups.get(key) ?? { cells: [], uses: [] }
    groups.set(key, group)
    group.cells.push(cell)
  }
  for (const use of uses) {
    const key = `${timeOfUse(use.use, stretch)} ${isExact ? use.key : keyOf(use.use, pass)}`
    groups.get(key)?.uses.push(use)
  }
  for (const [key, group] of groups) {
    if (group.uses.length > 0) settle(group.cells, group.uses, pass, stretch, `${salt} ${key}`)
  }
}

const dayOf = (ms: number): number => Math.floor(ms / MS_PER_DAY)

/** Null: the line is wider than the stretch. */
function timeOfCell({ fromMs, toMs }: OpenCell, stretch: Stretch): number | null {
  const width = toMs - fromMs
  switch (stretch) {
    case 'hour':
      return width > MS_PER_HOUR ? null : Math.floor(fromMs / MS_PER_HOUR)
    case 'day':
    case 'day_before':
    case 'day_after':
      return width > MS_PER_DAY ? null : dayOf(fromMs)
    case 'month':
      return 0
  }
}

function timeOfUse({ hourMs }: MeteredUse, stretch: Stretch): number {
  switch (stretch) {
    case 'hour':
      return Math.floor(hourMs / MS_PER_HOUR)
    case 'day':
      return dayOf(hourMs)
    case 'day_before':
      return dayOf(hourMs) + 1
    case 'day_after':
      return dayOf(hourMs) - 1
    case 'month':
      return 0
  }
}

function settle(
  cells: readonly OpenCell[],
  uses: readonly OpenUse[],
  { loosened }: Pass,
  stretch: Stretch,
  salt: string,
): void {
  const billed = cells.reduce((sum, { open }) => sum + open, 0n)
  const counted = uses.reduce((sum, { open }) => sum + open, 0n)
  const tokens = billed < counted ? billed : counted
  const wanted = shared(tokens, billed, cells, salt)
  const given = shared(tokens, counted, uses, salt)
  let at = 0
  for (const [place, cell] of cells.entries()) {
    let wants = wanted[place] as bigint
    while (wants > 0n) {
      const use = uses[at] as OpenUse
      const has = given[at] as bigint
      const takes = has < wants ? has : wants
      if (takes > 0n) cell.taken.push(take(use, takes, stretch, loosened))
      cell.open -= takes
      wants -= takes
      given[at] = has - takes
      if (given[at] === 0n) at += 1
    }
  }
}

function shared(
  tokens: bigint,
  all: bigint,
  from: readonly (OpenCell | OpenUse)[],
  salt: string,
): bigint[] {
  if (tokens === all) return from.map(({ open }) => open)
  const shares = from.map(({ id, open }) => ({ key: id, weight: open }))
  const parts = apportion(tokens, shares, salt)
  assert(parts, 'what is open has a weight')
  return [...parts]
}

function take(use: OpenUse, tokens: bigint, stretch: Stretch, loosened: Loosened | null): Taken {
  const usd = use.usd === null ? null : (use.usd * tokens) / use.open
  use.open -= tokens
  if (use.usd !== null && usd !== null) use.usd -= usd
  assert(use.open >= 0n, 'no token is used twice')
  return { use: use.use, tokens, usd: usd as Picodollars | null, stretch, loosened }
}
