// The ledger as a reader who sees a part of it may ask: each question gets the conditions of his scope beside his own, and one call
// is looked at before it is shown. Routes that show calls or costs ask through this, never the ledger itself.

import { assert } from '../../kernel/assert.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Condition } from '../../ledger/question.ts'
import { conditionsOf, isWithin, type UserScope } from './scope.ts'

export type LedgerReads = Pick<
  Ledger,
  'spend' | 'calls' | 'call' | 'callsSince' | 'outcomeSums' | 'outcomeTotals'
>

export function ledgerWithin(ledger: LedgerReads, scope: UserScope | null): LedgerReads {
  if (scope === null) return ledger
  const more = conditionsOf(scope)
  assert(more.length > 0, 'a scope that names nothing would show everything')
  // All conditions must hold, so what stands in front of them can narrow the answer and never widen it.
  const narrowed = <Question extends { readonly where: readonly Condition[] }>(
    question: Question,
  ): Question => ({ ...question, where: [...question.where, ...more] })
  return {
    spend: (question) => ledger.spend(narrowed(question)),
    calls: (question) => ledger.calls(narrowed(question)),
    callsSince: (question) => ledger.callsSince(narrowed(question)),
    outcomeSums: (question) => ledger.outcomeSums(narrowed(question)),
    outcomeTotals: (question) => ledger.outcomeTotals(narrowed(question)),
    async call(callId) {
      const explained = await ledger.call(callId)
      if (explained === null || !isWithin(scope, explained.call.dimensions)) return null
      // A logical id is the caller's word and may be shared with another team; a version may have been another team's.
      return {
        call: explained.call,
        attempts: explained.attempts.filter((call) => isWithin(scope, call.dimensions)),
        versions: explained.versions.filter((call) => isWithin(scope, call.dimensions)),
      }
    },
  }
}
