// Puts a newer price document on top of an older one of the same layer, so that importing today's prices does not rewrite what
// yesterday cost: where both price the same thing at the same time the newer one counts, and everywhere else the older one stays
// with the rate ids it had. A price that did not change goes on rather than beginning again.

import type { UsageKind } from '@ledgerock/contract'
import { parseUsd } from '../../kernel/money.ts'
import type { PriceDocument, PriceRow } from '../../pricing/price-document.ts'
import { rateKey } from '../../pricing/rate-key.ts'
import { instantOf } from '../../pricing/rate.ts'

/** One kind of one row: what competes with what is decided kind by kind. */
type Piece = { readonly row: PriceRow; readonly kind: UsageKind; readonly usd: string }

export function mergePrices(older: PriceDocument, newer: PriceDocument): PriceDocument {
  const renamed = clashingSources(older, newer)
  const rowsOf = (rows: readonly PriceRow[]): readonly PriceRow[] =>
    rows.map((row) => ({ ...row, source: renamed.get(row.source) ?? row.source }))
  const described = newestById(older.models, newer.models, (model) => model.model_id)
  const ratesBefore = ratesOf(older)
  const ratesNow = ratesOf(newer)
  return withoutUnusedSources({
    schema: newer.schema,
    sources: {
      ...Object.fromEntries(
        Object.entries(older.sources).map(([id, source]) => [renamed.get(id) ?? id, source]),
      ),
      ...newer.sources,
    },
    rules: newestById(older.rules, newer.rules, ({ id }) => id),
    models: described.map((model) => {
      const before = rowsOf(ratesBefore.get(model.model_id) ?? [])
      return { ...model, rates: mergeRows(before, ratesNow.get(model.model_id) ?? []) }
    }),
    shared_rates: mergeRows(rowsOf(older.shared_rates), newer.shared_rates),
    inference_profiles: newestById(
      older.inference_profiles.map((profile) => ({
        ...profile,
        source: renamed.get(profile.source) ?? profile.source,
      })),
      newer.inference_profiles,
      (profile) => profile.profile_id,
    ),
  })
}

function ratesOf({ models }: PriceDocument): ReadonlyMap<string, readonly PriceRow[]> {
  return new Map(models.map((model) => [model.model_id, model.rates]))
}

/** What every row has found again in a later publication says no more where anything is from. */
function withoutUnusedSources(document: PriceDocument): PriceDocument {
  const rows = [...document.models.flatMap(({ rates }) => rates), ...document.shared_rates]
  const used = new Set([...rows, ...document.inference_profiles].map(({ source }) => source))
  const sources = Object.entries(document.sources).filter(([id]) => used.has(id))
  return { ...document, sources: Object.fromEntries(sources) }
}

/** The same id for another thing (a later publication of the list): the older one gets a name of its own. */
function clashingSources(older: PriceDocument, newer: PriceDocument): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>()
  for (const [id, source] of Object.entries(older.sources)) {
    const other = newer.sources[id]
    if (other === undefined || JSON.stringify(other) === JSON.stringify(source)) continue
    let name = `${id}@${source.date}`
    while (name in newer.sources || name in older.sources) name += '+'
    renamed.set(id, name)
  }
  return renamed
}

function newestById<Item>(
  older: readonly Item[],
  newer: readonly Item[],
  idOf: (item: Item) => string,
): readonly Item[] {
  const fresh = new Map(newer.map((item) => [idOf(item), item]))
  const kept = older.map((item) => fresh.get(idOf(item)) ?? item)
  const known = new Set(older.map(idOf))
  return [...kept, ...newer.filter((item) => !known.has(idOf(item)))]
}

function mergeRows(older: readonly PriceRow[], newer: readonly PriceRow[]): readonly PriceRow[] {
  const byKey = Map.groupBy(piecesOf(older), ({ row, kind }) => rateKey(row, kind))
  for (const piece of piecesOf(newer)) {
    const key = rateKey(piece.row, piece.kind)
    byKey.set(key, putOnTop(byKey.get(key) ?? [], piece))
  }
  return rowsOfPieces([...byKey.values()].flat())
}

function piecesOf(rows: readonly PriceRow[]): readonly Piece[] {
  return rows.flatMap((row) =>
    Object.entries(row.prices).map(([kind, usd]) => ({
      row,
      kind: kind as UsageKind,
      usd: usd ?? '',
    })),
  )
}

const fromOf = ({ row }: Piece): number => instantOf(row.valid_from, -Infinity)
const toOf = ({ row }: Piece): number => instantOf(row.valid_to, Infinity)

const meet = (left: Piece, right: Piece): boolean =>
  fromOf(left) < toOf(right) && fromOf(right) < toOf(left)

/** The pieces of one key with `top` over them. */
function putOnTop(pieces: readonly Piece[], top: Piece): Piece[] {
  const running = pieces.find(
    (piece) => samePrice(piece, top) && fromOf(piece) <= fromOf(top) && fromOf(top) <= toOf(piece),
  )
  const rest = pieces.filter((piece) => piece !== running).flatMap((piece) => without(piece, top))
  if (running === undefined) return [...rest, top]
  const last = toOf(running) > toOf(top) ? running : top
  const row = between(top.row, running.row.valid_from, last.row.valid_to)
  return [...rest, { ...top, row, usd: running.usd }]
}

/** What of `piece` lies before and after `top`. */
function without(piece: Piece, top: Piece): readonly Piece[] {
  if (!meet(piece, top)) return [piece]
  const { row } = piece
  const left: Piece[] = []
  if (fromOf(piece) < fromOf(top)) {
    left.push({ ...piece, row: between(row, row.valid_from, top.row.valid_from) })
  }
  if (toOf(top) < toOf(piece)) {
    left.push({ ...piece, row: between(row, top.row.valid_to, row.valid_to) })
  }
  return left
}

function between(row: PriceRow, from: string | undefined, to: string | undefined): PriceRow {
  const { valid_from: _from, valid_to: _to, ...rest } = row
  return {
    ...rest,
    ...(from === undefined ? {} : { valid_from: from }),
    ...(to === undefined ? {} : { valid_to: to }),
  }
}

/** A price by another unit is another price, and takes the place of the one before. */
function samePrice(left: Piece, right: Piece): boolean {
  if ((left.row.unit ?? 'token') !== (right.row.unit ?? 'token')) return false
  if ((left.row.medium ?? 'text') !== (right.row.medium ?? 'text')) return false
  const [one, two] = [parseUsd(left.usd), parseUsd(right.usd)]
  return one.ok && two.ok ? one.value === two.value : left.usd === right.usd
}

/** Kinds that share everything else stand in one row again. */
function rowsOfPieces(pieces: readonly Piece[]): readonly PriceRow[] {
  const groups = Map.groupBy(pieces, ({ row }) => {
    const { prices: _prices, derived: _derived, ...rest } = row
    return JSON.stringify(
      Object.entries(rest).toSorted(([left], [right]) => (left < right ? -1 : 1)),
    )
  })
  return [...groups.values()].map((group) => {
    const { prices: _prices, derived: _derived, ...rest } = (group[0] as Piece).row
    const derived = group.flatMap(({ row, kind }) => {
      const rule = row.derived?.[kind] ?? row.derived?.['*']
      return rule === undefined ? [] : [[kind, rule] as const]
    })
    return {
      ...rest,
      prices: Object.fromEntries(group.map(({ kind, usd }) => [kind, usd])),
      ...(derived.length === 0 ? {} : { derived: Object.fromEntries(derived) }),
    }
  })
}
