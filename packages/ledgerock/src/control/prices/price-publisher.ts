// Makes changes of prices take effect. Each publication: build the book from the store, the configuration file and the snapshot,
// write it to `<data>/prices.json`, where every process of the node reads it, tell them, and wait for their word. One at a time.

import { readFileSync } from 'node:fs'
import type { ProblemError } from '@ledgerock/contract'
import { Fault } from '../../kernel/fault.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import { createTurns } from '../../kernel/turns.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import { sealBookFile } from '../../pricing/book-file.ts'
import { buildPriceBook, type PriceBook, type PriceLayer } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import type { Delivery } from '../policy/policy-publisher.ts'
import { combineLayer } from './price-layers.ts'
import { checkDeclaredOverrides, inFile, inForce } from './price-override-rules.ts'
import type { PriceOverride } from '../../pricing/price-book.ts'
import type { PriceTools } from './price-tools.ts'
import type { ControlStore } from '../store/control-store.ts'
import { DOCUMENT_LAYERS } from '../store/combined-layers.ts'

export type PricePublisherDeps = {
  readonly store: ControlStore
  readonly tools: Pick<PriceTools, 'readOverrides'>
  readonly clock: Clock
  /** `<data>/prices.json` */
  readonly path: string
  /** The overrides of the configuration file, as it has them. */
  readonly declared: () => readonly unknown[]
  /** Settles within a second, whoever has the book of this version by then. Who already has it answers too. */
  readonly broadcast: (version: string) => Promise<Delivery>
}

export type PublishedPrices = Delivery & { readonly book_version: string }

export type PricePublisher = {
  /** Publishes what store and file say now. Nothing changed: the same book again, so that late processes catch up. */
  readonly publish: () => Promise<PublishedPrices>
  /** For nodes that share a store: publishes if another node changed something. Cheap otherwise. */
  readonly follow: () => Promise<void>
  /** Faults of overrides the file declares, with their path in the file; publishing them would fail. */
  readonly check: (declared: readonly unknown[]) => Promise<readonly ProblemError[]>
  /** The book in force. */
  readonly current: () => PriceBook
  /** The book in force without its overrides: what overrides are read against. */
  readonly base: () => Promise<PriceBook>
  /** Those of the file, as they are in force. */
  readonly declared: () => readonly PriceOverride[]
}

const FILE_ACTOR = 'file'

type Built = { readonly book: PriceBook; readonly declared: readonly PriceOverride[] }

export function createPricePublisher(deps: PricePublisherDeps): PricePublisher {
  const { store, tools } = deps
  const layers = createLayerReader(deps)
  let built: Built = { book: buildPriceBook([SNAPSHOT_LAYER]), declared: [] }
  let published: string | null = null
  const inTurn = createTurns()

  const base = async (): Promise<PriceBook> => buildPriceBook(await layers())

  const check: PricePublisher['check'] = async (declared) => {
    const stored = inForce(await store.read.prices.overrides())
    const checked = checkDeclaredOverrides(tools, declared, stored, await base())
    return checked.ok ? [] : checked.problem.map(inFile)
  }

  async function build(): Promise<Built> {
    const stored = inForce(await store.read.prices.overrides())
    const current = await layers()
    const checked = checkDeclaredOverrides(tools, deps.declared(), stored, buildPriceBook(current))
    if (!checked.ok) {
      const text = checked.problem.map(inFile).map(({ path, message }) => `${path}: ${message}`)
      throw new Fault('price_overrides_invalid', text.join('; '))
    }
    await remember(deps, checked.value)
    const seen = await store.read.prices.overrides()
    const setAt = new Map(seen.map((row) => [row.overrideId, row.setAt]))
    const declared = checked.value.map((override) => ({
      ...override,
      setAt: setAt.get(override.overrideId) ?? null,
    }))
    return { book: buildPriceBook(current, [...declared, ...stored]), declared }
  }

  async function publishNow(): Promise<PublishedPrices> {
    const fingerprint = await store.read.prices.fingerprint()
    const next = await build()
    built = next
    published = fingerprint
    const { book } = built
    const ownLayers = book.layers.filter(({ name }) => name !== SNAPSHOT_LAYER.name)
    writeIfNew(deps.path, sealBookFile({ layers: ownLayers, overrides: book.overrides }))
    return { book_version: book.version, ...(await deps.broadcast(book.version)) }
  }

  return {
    publish: () => inTurn(publishNow),
    follow: () =>
      inTurn(async () => {
        if (published === null || (await store.read.prices.fingerprint()) === published) return
        await publishNow()
      }),
    check,
    current: () => built.book,
    base,
    declared: () => built.declared,
  }
}

/** An override that left the file still explains the calls it priced, so the store remembers all there ever were. */
async function remember(
  { store, clock }: PricePublisherDeps,
  declared: readonly PriceOverride[],
): Promise<void> {
  if (declared.length === 0) return
  const known = new Set((await store.read.prices.overrides()).map(({ overrideId }) => overrideId))
  const unknown = declared.filter(({ overrideId }) => !known.has(overrideId))
  if (unknown.length === 0) return
  const setAt = isoTime(clock.now())
  await store.write(async ({ prices, audit }) => {
    for (const override of unknown) {
      const { overrideId, name, origin } = override
      const terms = JSON.stringify(override)
      await prices.setOverride({ overrideId, name, origin, terms, setAt, setBy: FILE_ACTOR })
      await audit.append({
        actor: FILE_ACTOR,
        action: 'price_override.declare',
        subject: name,
        before: null,
        after: { override_id: overrideId },
      })
    }
  })
}

/** The layers in force, strongest first; what was put together once is kept as long as it is in force. */
function createLayerReader({
  store,
  clock,
}: Pick<PricePublisherDeps, 'store' | 'clock'>): () => Promise<readonly PriceLayer[]> {
  let known: { readonly key: string; readonly layers: readonly PriceLayer[] } | null = null
  return async () => {
    const active = (await store.read.prices.documents()).filter(({ state }) => state === 'active')
    const key = active.map(({ documentId }) => documentId).join(' ')
    if (known?.key === key) return known.layers
    const layers: PriceLayer[] = []
    for (const name of DOCUMENT_LAYERS) {
      const rows = active.filter(({ layer }) => layer === name)
      const made = await combineLayer(store.read.prices, name, rows)
      if (made.layer === null) continue
      await made.remember(store, isoTime(clock.now()))
      layers.push(made.layer)
    }
    layers.push(SNAPSHOT_LAYER)
    known = { key, layers }
    return layers
  }
}

function writeIfNew(path: string, text: string): void {
  try {
    if (readOrNull(path) !== text) writeFileAtomically(path, text)
  } catch (cause) {
    const message = `the prices are kept, but ${path} could not be written, so nobody has them yet`
    throw new Fault('price_file_unwritable', message, { retryable: true, cause })
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
