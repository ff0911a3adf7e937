// Lays the ledger's tokens beside the bill's: by the hour, then by the day, then against the neighbouring days, then over the month. A
// token that found its place is taken and never used twice. Where the ledger has more than the bill in a stretch, each owner gives in
// proportion, and what is left goes on to the next, wider stretch.
//
//   hour ──left──▶ day ──left──▶ day before, day after ──left──▶ month      (and again for each pass of `match-keys.ts`)

import { apportion } from '../kernel/apportion.ts'
import { assert } from '../kernel/assert.ts'
import type { Picodollars } from '../kernel/money.ts'
import { MS_PER_DAY, MS_PER_HOUR } from '../kernel/time.ts'
import type { BilledLine, Cell, MeteredUse } from './cell.ts'
import { wholeOf } from './exact.ts'
import { keyOf, PASSES, rowsByCell, type Loosened, type Pass } from './match-keys.ts'
import { ownerKey, type OwnerKey } from './owner.ts'

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
  /** By time. */
  readonly cells: readonly MatchedCell[]
  /** Tokens of the ledger that are not on the bill. */
  readonly left: readonly {
    readonly use: MeteredUse
    readonly tokens: bigint
    readonly usd: Picodollars | null
  }[]
}

type OpenCell = MatchedCell & { readonly taken: Taken[]; rest: bigint }

type OpenUse = {
  readonly key: string
  readonly owner: OwnerKey
  use: MeteredUse
  rest: bigint
  usd: bigint | null
}

/** What is still open of one cell on one side, by time. */
type Side<Open> = { readonly key: string; readonly cell: Cell; open: readonly Open[] }

/** How the cells of a group came to be one group. */
type Under = { readonly key: string; readonly loosened: Loosened | null; readonly salt: string }

type Group = { readonly cells: Side<OpenCell>[]; readonly uses: Side<OpenUse>[] }

/** Lines are of usage and mapped. The order of neither list matters. */
export function matchUsage(
  lines: readonly BilledLine[],
  metered: readonly MeteredUse[],
  salt: string,
): Matching {
  const cells = rowsByCell(lines).map(({ key, cell, rows }) => ({
    key,
    cell,
    open: openCells(key, rows),
  }))
  const uses = rowsByCell(metered).map(({ key, cell, rows }) => ({
    key,
    cell,
    open: openUses(key, rows),
  }))
  const all = { cells: byTime(cells), uses: byHour(uses) }
  for (const side of [...cells, ...uses]) keepOpen(side)
  const named = namedModels(cells)
  for (const pass of PASSES) {
    const isNameless = pass.silent.includes('bill_principal')
    const groups = groupsOf(
      cells.filter(({ open, cell }) => open.length > 0 && !(isNameless && named.has(cell.modelId))),
      uses.filter(({ open, cell }) => open.length > 0 && mayPass(cell, pass)),
      pass,
    )
    for (const [key, group] of groups) {
      const { loosened } = pass
      matchGroup(byTime(group.cells), byHour(group.uses), { key, loosened, salt })
      for (const side of group.cells) keepOpen(side)
      for (const side of group.uses) keepOpen(side)
    }
  }
  return {
    cells: all.cells,
    left: all.uses
      .filter(isOpen)
      .map(({ use, rest, usd }) => ({ use, tokens: rest, usd: usd as Picodollars | null })),
  }
}

/** Those that have something on either side. */
function groupsOf(
  cells: readonly Side<OpenCell>[],
  uses: readonly Side<OpenUse>[],
  pass: Pass,
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>()
  for (const side of uses) {
    const key = keyOf(side.cell, pass)
    const group = groups.get(key) ?? { cells: [], uses: [] }
    groups.set(key, group)
    group.uses.push(side)
  }
  if (groups.size === 0) return groups
  for (const side of cells) groups.get(keyOf(side.cell, pass))?.cells.push(side)
  for (const [key, { cells: found }] of groups) if (found.length === 0) groups.delete(key)
  return groups
}

function isOpen({ rest }: OpenCell | OpenUse): boolean {
  return rest > 0n
}

function keepOpen(side: Side<OpenCell | OpenUse>): void {
  side.open = side.open.filter(isOpen)
}

/** Sides come by key, and sorting keeps that order where the time is the same. */
function byTime(sides: readonly Side<OpenCell>[]): readonly OpenCell[] {
  return sides
    .flatMap(({ open }) => open)
    .toSorted((left, right) => left.fromMs - right.fromMs || left.toMs - right.toMs)
}

function byHour(sides: readonly Side<OpenUse>[]): readonly OpenUse[] {
  return sides
    .flatMap(({ open }) => open)
    .toSorted((left, right) => left.use.hourMs - right.use.hourMs)
}

function matchGroup(cells: readonly OpenCell[], uses: readonly OpenUse[], under: Under): void {
  let [wanting, having] = [cells, uses]
  for (const stretch of STRETCHES) {
    matchStretch(wanting, having, stretch, under)
    wanting = wanting.filter(isOpen)
    having = having.filter(isOpen)
    if (wanting.length === 0 || having.length === 0) return
  }
}

function mayPass({ accountId, principal }: Cell, { silent }: Pass): boolean {
  if (silent.includes('account') && accountId !== null) return false
  return !silent.includes('ledger_principal') || principal === ''
}

/** Models of which the bill names a caller anywhere; of the others it never does, whoever calls. */
function namedModels(cells: readonly Side<OpenCell>[]): ReadonlySet<string> {
  const named = cells.filter(({ cell }) => cell.principal !== '')
  return new Set(named.map(({ cell }) => cell.modelId))
}

/** Lines of one stretch are added up. */
function openCells(key: string, lines: readonly BilledLine[]): readonly OpenCell[] {
  const sorted = lines.toSorted(
    (left, right) => left.fromMs - right.fromMs || left.toMs - right.toMs,
  )
  const cells: OpenCell[] = []
  for (let from = 0; from < sorted.length;) {
    const { fromMs, toMs } = sorted[from] as BilledLine
    let to = from + 1
    while (sorted[to]?.fromMs === fromMs && sorted[to]?.toMs === toMs) to += 1
    const own = sorted.slice(from, to)
    from = to
    let tokens = 0n
    for (const { quantity } of own) tokens += quantity === null ? 0n : wholeOf(quantity)
    const ordered = own.length > 1 ? inOrder(own) : own
    const rest = tokens > 0n ? tokens : 0n
    cells.push({ key, fromMs, toMs, lines: ordered, tokens, taken: [], rest })
  }
  return cells
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

/** Uses of one hour and owner are added up. */
function openUses(key: string, metered: readonly MeteredUse[]): readonly OpenUse[] {
  const sorted = metered
    .map((use): OpenUse => ({
      key,
      owner: ownerKey(use.owner),
      use,
      rest: use.tokens,
      usd: use.usd,
    }))
    .toSorted(
      (left, right) => left.use.hourMs - right.use.hourMs || compareTexts(left.owner, right.owner),
    )
  const uses: OpenUse[] = []
  for (const next of sorted) {
    const last = uses.at(-1)
    if (last?.use.hourMs !== next.use.hourMs || last.owner !== next.owner) {
      uses.push(next)
      continue
    }
    last.rest += next.rest
    last.usd = last.usd === null || next.usd === null ? null : last.usd + next.usd
    if (scopeOf(next.use) < scopeOf(last.use)) last.use = next.use
  }
  return uses
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** In-region and geo are added up: one of them speaks for both, whichever came first. */
const scopeOf = ({ scope }: MeteredUse): string => scope ?? ''

function matchStretch(
  cells: readonly OpenCell[],
  uses: readonly OpenUse[],
  stretch: Stretch,
  under: Under,
): void {
  const times = new Map<number, { readonly cells: OpenCell[]; readonly uses: OpenUse[] }>()
  for (const cell of cells) {
    const time = timeOfCell(cell, stretch)
    if (time === null) continue
    const at = times.get(time)
    if (at === undefined) times.set(time, { cells: [cell], uses: [] })
    else at.cells.push(cell)
  }
  for (const use of uses) times.get(timeOfUse(use.use, stretch))?.uses.push(use)
  for (const [time, at] of times) {
    if (at.uses.length > 0) settle(at.cells, at.uses, stretch, time, under)
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
  stretch: Stretch,
  time: number,
  { key, loosened, salt: period }: Under,
): void {
  const salt = `${period} ${time} ${key}`
  const billed = sumOpen(cells)
  const counted = sumOpen(uses)
  const tokens = billed < counted ? billed : counted
  const wanted = shared(tokens, billed, cells, idOfCell, salt)
  const given = shared(tokens, counted, uses, idOfUse, salt)
  let at = 0
  for (const [place, cell] of cells.entries()) {
    let wants = wanted[place] as bigint
    while (wants > 0n) {
      const use = uses[at] as OpenUse
      const has = given[at] as bigint
      const takes = has < wants ? has : wants
      if (takes > 0n) cell.taken.push(take(use, takes, stretch, loosened))
      cell.rest -= takes
      wants -= takes
      given[at] = has - takes
      if (given[at] === 0n) at += 1
    }
  }
}

function sumOpen(from: readonly (OpenCell | OpenUse)[]): bigint {
  let sum = 0n
  for (const { rest } of from) sum += rest
  return sum
}

const idOfCell = ({ fromMs, toMs, key }: OpenCell): string => `${fromMs} ${toMs} ${key}`
const idOfUse = ({ use, key, owner }: OpenUse): string => `${use.hourMs} ${key} ${owner}`

function shared<Open extends OpenCell | OpenUse>(
  tokens: bigint,
  all: bigint,
  from: readonly Open[],
  idOf: (open: Open) => string,
  salt: string,
): bigint[] {
  if (tokens === all) return from.map(({ rest }) => rest)
  const shares = from.map((each) => ({ key: idOf(each), weight: each.rest }))
  const parts = apportion(tokens, shares, salt)
  assert(parts, 'what is open has a weight')
  return [...parts]
}

function take(use: OpenUse, tokens: bigint, stretch: Stretch, loosened: Loosened | null): Taken {
  assert(tokens <= use.rest, 'no token is used twice')
  const usd = use.usd === null || tokens === use.rest ? use.usd : (use.usd * tokens) / use.rest
  use.rest -= tokens
  if (use.usd !== null && usd !== null) use.usd -= usd
  return { use: use.use, tokens, usd: usd as Picodollars | null, stretch, loosened }
}
