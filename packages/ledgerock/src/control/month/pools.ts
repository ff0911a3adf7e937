// Pools of shared costs: those of the file, and those people make beside them, dated and audited. What a change would move is shown in
// dollars of each team before it is made, and nothing that would change a closed month is taken.

import type { DimensionRules } from '../../attribution/dimension-rule.ts'
import { base62 } from '../../governance/credential/base62.ts'
import { formatUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import { parseInstant } from '../../pricing/parse-instant.ts'
import {
  poolRuleOf,
  splitOf,
  type DeclaredPool,
  type DeclaredSplit,
} from '../../reconciliation/declared-pool.ts'
import { billProblem, type BillProblem } from './bill-problem.ts'
import { monthOf } from './month-terms.ts'
import { clashOf, isSameWithin, setPool, withoutPool } from './pool-line.ts'
import { readPool, writtenPool, type PoolView, type WrittenPool } from './pool-terms.ts'
import type { ReconciliationService } from './reconciliations.ts'
import { canonicalJson, type Json } from '../store/canonical-json.ts'
import type { ControlStore, ControlWrites } from '../store/control-store.ts'
import type { StoredPool } from '../store/pool-table.ts'

/** As many as a file may have. */
export const POOLS_MAX = 1_000
const ID_BYTES = 8
const ID_CHARS = 12

export type PoolPreview = {
  readonly period: string
  readonly cost: 'net'
  readonly bill_usd: string
  readonly moved: readonly {
    /** Null: what has no team, is kept apart, or is nobody's. */
    readonly team: string | null
    readonly before_usd: string
    readonly after_usd: string
    readonly difference_usd: string
  }[]
}

export type PoolService = {
  /** The file's first, then those people made: in the order in which they are asked. */
  readonly inForce: () => Promise<readonly DeclaredPool[]>
  readonly list: () => Promise<readonly PoolView[]>
  /** What changes would do to a month that has a bill. */
  readonly preview: (
    period: string,
    set: readonly WrittenPool[],
    remove: readonly string[],
  ) => Promise<Result<PoolPreview, BillProblem>>
  /** Takes the place of what the name had at that time; saying what is there already changes nothing. */
  readonly set: (
    actor: string,
    pool: WrittenPool,
    reason: string | null,
  ) => Promise<Result<{ readonly items: readonly PoolView[] }, BillProblem>>
  /** From an instant on; without one as a mistake that was made. */
  readonly remove: (
    actor: string,
    name: string,
    from: string | null,
    reason: string | null,
  ) => Promise<Result<{ readonly items: readonly PoolView[] }, BillProblem>>
}

export type PoolServiceDeps = {
  readonly store: Pick<ControlStore, 'read' | 'write'>
  readonly declared: () => {
    readonly pools: readonly DeclaredPool[]
    readonly defaultSplit: DeclaredSplit
  }
  readonly reconciliations: Pick<ReconciliationService, 'preview'>
  readonly rules: () => DimensionRules
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
}

export function createPoolService(deps: PoolServiceDeps): PoolService {
  const { store, declared } = deps
  const stored = async (): Promise<readonly DeclaredPool[]> =>
    poolsOf(await store.read.pools.inForce())
  return {
    inForce: async () => [...declared().pools, ...(await stored())],
    list: async () => [
      ...declared().pools.map((pool) => viewOf(pool, null)),
      ...(await store.read.pools.inForce()).map((row) => viewOf(row.pool, row)),
    ],
    preview: (period, set, remove) => preview(deps, period, set, remove),
    async set(actor, written, reason) {
      const read = readPool(deps.rules(), written, deps.clock.now())
      if (!read.ok) return err(invalid(read.problem))
      const pool = read.value
      return change(deps, { actor, action: 'pool.set', name: pool.name, reason }, (before) => {
        const problem = refusalOf(declared().pools, before, pool)
        return problem === null ? ok(setPool(before, pool)) : err(problem)
      })
    },
    async remove(actor, name, from, reason) {
      const read = from === null ? null : parseInstant(from, deps.clock.now())
      if (read !== null && !read.ok) return err(invalid([{ path: 'from', message: read.problem }]))
      const gone = { fromMs: read?.value ?? null, toMs: null }
      return change(deps, { actor, action: 'pool.remove', name, reason }, (before) => {
        if (before.some((pool) => pool.name === name)) return ok(withoutPool(before, name, gone))
        const isDeclared = declared().pools.some((pool) => pool.name === name)
        return err(isDeclared ? inFile(name) : unknown(name))
      })
    },
  }
}

type Change = {
  readonly actor: string
  readonly action: 'pool.set' | 'pool.remove'
  readonly name: string
  readonly reason: string | null
}

async function change(
  deps: PoolServiceDeps,
  { actor, action, name, reason }: Change,
  work: (before: readonly DeclaredPool[]) => Result<readonly DeclaredPool[], BillProblem>,
): Promise<Result<{ readonly items: readonly PoolView[] }, BillProblem>> {
  const at = isoTime(deps.clock.now())
  return deps.store.write(async ({ pools, periods, audit }) => {
    const rows = await pools.inForce()
    const before = poolsOf(rows)
    const done = work(before)
    if (!done.ok) return done
    const after = done.value
    if (after.length > POOLS_MAX) return err(tooMany())
    const closed = await periods.closed()
    // The last of them: what begins behind it touches none.
    const touched = closed.findLast((period) => !isSameWithin(before, after, monthOf(period)))
    if (touched !== undefined) return err(periodClosed(touched))
    const isChanged = await write(
      pools,
      rows,
      after,
      (pool) => {
        const poolId = base62(deps.random(ID_BYTES), ID_CHARS)
        return { poolId, pool, setAt: at, setBy: actor }
      },
      { at, actor },
    )
    const named = (list: readonly DeclaredPool[]): Json =>
      list.filter((pool) => pool.name === name).map((pool) => factsOf(pool))
    if (isChanged) {
      const states = { before: named(before), after: named(after) }
      await audit.append({ actor, action, subject: name, ...states, reason })
    }
    const items = (await pools.inForce()).filter(({ pool }) => pool.name === name)
    return ok({ items: items.map((row) => viewOf(row.pool, row)) })
  })
}

/** Rows that say what is still meant stay; the others are replaced. */
async function write(
  pools: ControlWrites['pools'],
  rows: readonly StoredPool[],
  after: readonly DeclaredPool[],
  rowOf: (pool: DeclaredPool) => StoredPool,
  { at, actor }: { readonly at: string; readonly actor: string },
): Promise<boolean> {
  const wanted = new Map(after.map((pool) => [textOf(pool), pool]))
  const kept = new Set(rows.map(({ pool }) => textOf(pool)))
  const gone = rows.filter(({ pool }) => !wanted.has(textOf(pool)))
  const made = [...wanted].filter(([text]) => !kept.has(text)).map(([, pool]) => pool)
  for (const { poolId } of gone) await pools.remove(poolId, at, actor)
  for (const pool of made) await pools.insert(rowOf(pool))
  return gone.length + made.length > 0
}

async function preview(
  deps: PoolServiceDeps,
  period: string,
  set: readonly WrittenPool[],
  remove: readonly string[],
): Promise<Result<PoolPreview, BillProblem>> {
  const { pools: file, defaultSplit } = deps.declared()
  let pools = poolsOf(await deps.store.read.pools.inForce())
  for (const name of remove) {
    if (!pools.some((pool) => pool.name === name)) {
      return err(file.some((pool) => pool.name === name) ? inFile(name) : unknown(name))
    }
    pools = withoutPool(pools, name, { fromMs: null, toMs: null })
  }
  for (const written of set) {
    const read = readPool(deps.rules(), written, deps.clock.now())
    if (!read.ok) return err(invalid(read.problem))
    const problem = refusalOf(file, pools, read.value)
    if (problem !== null) return err(problem)
    pools = setPool(pools, read.value)
  }
  const rules = [...file, ...pools].map(poolRuleOf)
  const done = await deps.reconciliations.preview(period, rules, splitOf(defaultSplit))
  if (!done.ok) return done
  return ok({
    period,
    cost: 'net',
    bill_usd: formatUsd(sumMoney(done.value.map(({ before }) => before))),
    moved: done.value.map(({ group, before, after }) => ({
      team: group,
      before_usd: formatUsd(before),
      after_usd: formatUsd(after),
      difference_usd: formatUsd((after - before) as Picodollars),
    })),
  })
}

/** Pools that would hold for nothing, or only by their order. */
function refusalOf(
  file: readonly DeclaredPool[],
  stored: readonly DeclaredPool[],
  pool: DeclaredPool,
): BillProblem | null {
  const declared = clashOf(file, pool)
  if (declared !== null) return inFile(declared.name)
  const others = stored.filter(({ name }) => name !== pool.name)
  const clash = clashOf(others, pool)
  if (clash === null) return null
  const message = `the pool ${clash.name} is for the same charges at that time; end or remove that first`
  return invalid([{ path: 'match', message }])
}

function poolsOf(rows: readonly StoredPool[]): readonly DeclaredPool[] {
  return rows.map(({ pool }) => pool)
}

function viewOf(pool: DeclaredPool, row: StoredPool | null): PoolView {
  const made = { set_at: row?.setAt ?? null, set_by: row?.setBy ?? null }
  return { ...writtenPool(pool), source: row === null ? 'file' : 'api', ...made }
}

function factsOf(pool: DeclaredPool): Json {
  return writtenPool(pool)
}

function textOf(pool: DeclaredPool): string {
  return canonicalJson(pool)
}

const invalid = (errors: BillProblem['errors']): BillProblem =>
  billProblem(
    'invalid_request',
    errors.map(({ path, message }) => `${path}: ${message}`).join('; '),
    errors,
  )
const unknown = (name: string): BillProblem =>
  billProblem('pool_unknown', `no pool is named ${name}`)
const inFile = (name: string): BillProblem =>
  billProblem(
    'declared_in_file',
    `the pool ${name} of the configuration file says it for that time; change it there`,
  )
const tooMany = (): BillProblem =>
  billProblem('invalid_request', `there are ${POOLS_MAX} pools; remove some first`)

function periodClosed(period: string): BillProblem {
  const { endMs } = monthOf(period)
  const detail = `${period} is closed and would be shared out otherwise; let the change begin later (from ${isoTime(endMs).slice(0, 10)})`
  return billProblem('period_closed', detail)
}
