// Overrides people set: contract prices, by account or for everybody. Setting and removing are audited and answer when every
// process of the node has the new prices, naming those that have not.

import type { ProblemError } from '@ledgerock/contract'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import { overrideOf, readBeside, termsOf } from './price-override-rules.ts'
import { priceProblem, type PriceProblem } from './price-problem.ts'
import type { PricePublisher, PublishedPrices } from './price-publisher.ts'
import type { PriceOverride } from '../../pricing/price-book.ts'
import type { PriceTools } from './price-tools.ts'
import type { Json } from '../store/canonical-json.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { StoredOverride } from '../store/price-tables.ts'

export type OverrideView = Readonly<Record<string, string | number | boolean | null>> & {
  readonly override_id: string
  readonly name: string
  readonly origin: PriceOverride['origin']
}

export type PriceOverrideService = {
  /** Those in force by name; with `removed` also those that once were. */
  readonly list: (removed: boolean) => Promise<readonly OverrideView[]>
  /** Makes it; one of its name with other terms is in force already: only `replace` changes that. */
  readonly set: (
    actor: string,
    terms: Readonly<Record<string, unknown>>,
    replace: boolean,
  ) => Promise<Result<{ readonly override: OverrideView } & PublishedPrices, PriceProblem>>
  readonly remove: (
    actor: string,
    name: string,
    reason: string | null,
  ) => Promise<
    Result<{ readonly name: string; readonly removed_at: string } & PublishedPrices, PriceProblem>
  >
}

export type PriceOverrideDeps = {
  readonly store: ControlStore
  readonly publisher: PricePublisher
  readonly tools: Pick<PriceTools, 'readOverrides'>
  readonly clock: Clock
}

export function createPriceOverrides(deps: PriceOverrideDeps): PriceOverrideService {
  return {
    list: (removed) => listOverrides(deps, removed),
    set: (actor, terms, replace) => setOverride(deps, actor, terms, replace),
    remove: (actor, name, reason) => removeOverride(deps, actor, name, reason),
  }
}

async function listOverrides(
  { store, publisher }: PriceOverrideDeps,
  removed: boolean,
): Promise<readonly OverrideView[]> {
  const stored = await store.read.prices.overrides()
  const declared = new Set(publisher.declared().map(({ overrideId }) => overrideId))
  return stored
    .map((row) => viewOf(row, isInForce(row, declared)))
    .filter((view) => removed || view['in_force'] === true)
}

/** What the file declares is in force because the file says so, whenever it was first seen. */
function isInForce(row: StoredOverride, declared: ReadonlySet<string>): boolean {
  return row.origin === 'file' ? declared.has(row.overrideId) : row.removedAt === null
}

async function setOverride(
  deps: PriceOverrideDeps,
  actor: string,
  terms: Readonly<Record<string, unknown>>,
  replace: boolean,
): ReturnType<PriceOverrideService['set']> {
  const { store, publisher, tools, clock } = deps
  const base = await publisher.base()
  const declared = publisher.declared()
  const isDeclared = declared.some(({ name }) => name === terms['name'])
  if (isDeclared) return err(declaredInFile(String(terms['name'])))
  const setAt = isoTime(clock.now())
  const outcome = await store.write<Result<StoredOverride, PriceProblem>>(
    async ({ prices, audit }) => {
      const rows = await prices.overrides()
      const inStore = rows.filter((row) => row.origin === 'api' && row.removedAt === null)
      const replaced = inStore.find(({ name }) => name === terms['name'])
      const others = inStore.filter((row) => row !== replaced).map(overrideOf)
      const read = readBeside(tools, [terms], 'api', [...declared, ...others], base)
      if (!read.ok) return err(refused(read.problem))
      const override = read.value[0] as PriceOverride
      const { overrideId, name, origin } = override
      const row = { overrideId, name, origin, terms: JSON.stringify(override), setAt, setBy: actor }
      if (replaced?.terms === row.terms) return ok(replaced)
      if (replaced !== undefined && !replace) return err(overrideExists(overrideOf(replaced)))
      if (replaced !== undefined) await prices.removeOverride(replaced.overrideId, setAt, actor)
      await prices.setOverride(row)
      const before = replaced === undefined ? null : factsOf(overrideOf(replaced))
      const after = factsOf(override)
      const { reason } = override
      const action = 'price_override.set'
      await audit.append({ actor, action, subject: name, before, after, reason })
      return ok({ ...row, removedAt: null, removedBy: null })
    },
  )
  if (!outcome.ok) return outcome
  return ok({ override: viewOf(outcome.value, true), ...(await publisher.publish()) })
}

function factsOf(override: PriceOverride): Json {
  return { override_id: override.overrideId, ...termsOf(override) }
}

async function removeOverride(
  deps: PriceOverrideDeps,
  actor: string,
  name: string,
  reason: string | null,
): ReturnType<PriceOverrideService['remove']> {
  const { store, publisher, clock } = deps
  if (publisher.declared().some((declared) => declared.name === name)) {
    return err(declaredInFile(name))
  }
  const at = isoTime(clock.now())
  const outcome = await store.write<Result<null, PriceProblem>>(async ({ prices, audit }) => {
    const rows = await prices.overrides()
    const row = rows.find(
      (one) => one.name === name && one.origin === 'api' && one.removedAt === null,
    )
    if (row === undefined) return err(unknownOverride(name))
    await prices.removeOverride(row.overrideId, at, actor)
    const before = factsOf(overrideOf(row))
    const action = 'price_override.remove'
    const after: Json = { removed_at: at }
    await audit.append({ actor, action, subject: name, before, after, reason })
    return ok(null)
  })
  if (!outcome.ok) return outcome
  return ok({ name, removed_at: at, ...(await publisher.publish()) })
}

function viewOf(row: StoredOverride, inForce: boolean): OverrideView {
  const override = overrideOf(row)
  const { effect } = override
  const isPercent = 'percent' in effect
  return {
    override_id: row.overrideId,
    name: row.name,
    origin: row.origin,
    account_id: override.accountId,
    models: override.models,
    regions: override.regions,
    scope: override.scope,
    tier: override.tier,
    kind: override.kind,
    percent: isPercent ? effect.percent : null,
    price: isPercent ? null : effect.price,
    unit: isPercent ? null : effect.unit,
    variant: isPercent ? null : effect.variant,
    context_above: isPercent ? null : effect.contextAbove,
    from: override.validFrom,
    to: override.validTo,
    reason: override.reason,
    in_force: inForce,
    set_at: row.setAt,
    set_by: row.setBy,
    removed_at: row.removedAt,
    removed_by: row.removedBy,
  }
}

function refused(faults: readonly ProblemError[]): PriceProblem {
  // There is one: its place within itself is enough.
  const errors = faults.map(({ path, message }) => ({
    path: path.replace(/^\[0\]\.?/, ''),
    message,
  }))
  return priceProblem('invalid_request', 'the override cannot be set like this', errors)
}

function unknownOverride(name: string): PriceProblem {
  return priceProblem('override_unknown', `no override in force is named ${name}`)
}

function overrideExists(inForce: PriceOverride): PriceProblem {
  const { name } = inForce
  const terms = Object.entries(termsOf(inForce))
    .filter(([key]) => key !== 'name')
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')
  const detail = `the override ${name} is in force already (${terms}); remove it first, or replace it`
  return priceProblem('override_exists', detail)
}

function declaredInFile(name: string): PriceProblem {
  const detail = `the override ${name} is declared in the configuration file and can only be changed there`
  return priceProblem('override_declared_in_file', detail)
}
