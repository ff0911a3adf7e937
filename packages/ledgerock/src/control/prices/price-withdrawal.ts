// Takes prices back that came as a document. Its row stays, as everything that was ever in force does, and says since when, by
// whom and why it is not any more; what lay below it counts again.

import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import { checkFit } from './price-fit.ts'
import { priceProblem, type PriceProblem } from './price-problem.ts'
import type { PricePublisher, PublishedPrices } from './price-publisher.ts'
import type { PriceTools } from './price-tools.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { StoredDocument } from '../store/price-tables.ts'

export type WithdrawnPrices = PublishedPrices & { readonly document_id: string }

export type WithdrawalDeps = {
  readonly store: ControlStore
  readonly publisher: PricePublisher
  readonly tools: Pick<PriceTools, 'readOverrides'>
  readonly clock: Clock
}

const IN_USE = priceProblem(
  'document_in_use',
  'overrides of the configuration file need this document; change them first',
)

type Find = (documents: readonly StoredDocument[]) => Result<StoredDocument, PriceProblem>

export function withdrawDocument(
  deps: WithdrawalDeps,
  actor: string,
  documentId: string,
  reason: string | null,
): Promise<Result<WithdrawnPrices, PriceProblem>> {
  return withdraw(deps, actor, reason, (documents) => {
    const row = documents.find((one) => one.documentId === documentId)
    if (row === undefined) {
      return err(priceProblem('document_unknown', `no price document has the id ${documentId}`))
    }
    if (isOpen(row)) return ok(row)
    const detail = `the price document ${documentId} is ${row.state} already`
    return err(priceProblem('document_unknown', detail))
  })
}

export function withdrawMonth(
  deps: WithdrawalDeps,
  actor: string,
  period: string,
  reason: string | null,
): Promise<Result<WithdrawnPrices, PriceProblem>> {
  return withdraw(deps, actor, reason, (documents) => {
    const own = documents.filter((row) => row.layer === 'learned' && row.period === period)
    const row = own.find(({ state }) => state === 'active') ?? own.find(isOpen)
    if (row !== undefined) return ok(row)
    const detail = `no rates learned of ${period} are in force or wait to be accepted`
    return err(priceProblem('proposal_unknown', detail))
  })
}

function isOpen({ state }: StoredDocument): boolean {
  return state === 'active' || state === 'proposed'
}

async function withdraw(
  deps: WithdrawalDeps,
  actor: string,
  reason: string | null,
  find: Find,
): Promise<Result<WithdrawnPrices, PriceProblem>> {
  const { store, publisher, clock } = deps
  const at = isoTime(clock.now())
  const done = await store.write<Result<string, PriceProblem>>(async ({ prices, audit }) => {
    const documents = await prices.documents()
    const found = find(documents)
    if (!found.ok) return found
    const row = found.value
    const others = documents.filter((one) => one !== row && one.state === 'active')
    const misfit = row.state === 'active' ? await checkFit(deps, prices, others, IN_USE) : null
    if (misfit !== null) return err(misfit)
    const { documentId, layer, period, state } = row
    await prices.decideDocument(documentId, 'withdrawn', at, actor)
    await audit.append({
      actor,
      action: 'price_document.withdraw',
      subject: layer === 'learned' ? (period ?? documentId) : documentId,
      before: { document_id: documentId, layer, state },
      after: { document_id: documentId, state: 'withdrawn' },
      reason,
    })
    return ok(documentId)
  })
  if (!done.ok) return done
  return ok({ document_id: done.value, ...(await publisher.publish()) })
}
