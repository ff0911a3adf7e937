// A bill in another currency than USD, in USD: at the dated rate the configuration gives for its month, one for the whole bill, so that
// invoices and lines stay in proportion. What AWS wrote stays in the books as it was; it is converted when it is read.

import { divideRoundHalfEven } from '../../kernel/money.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime } from '../../kernel/time.ts'
import { DOLLARS, ratedAt, rateMissing, type RatedCurrency } from '../../ledger/rated-currency.ts'
import type { BilledLine } from '../../reconciliation/cell.ts'
import { EXACT_DECIMALS, exactOf, type Exact } from '../../reconciliation/exact.ts'
import { billProblem, type BillProblem } from './bill-problem.ts'

export type ExchangeRule = RatedCurrency & {
  /** USD for one unit, a decimal. */
  readonly rate: string
}

/** `rate` is null for dollars, which nothing is done to. */
export type Exchange = { readonly currency: string; readonly rate: string | null }

const ONE = 10n ** BigInt(EXACT_DECIMALS)

/** The rate in force when the month began. */
export function exchangeAt(
  rules: readonly ExchangeRule[],
  currency: string,
  startMs: number,
): Result<Exchange, BillProblem> {
  if (currency === DOLLARS) return ok({ currency, rate: null })
  const rule = ratedAt(rules, currency, startMs)
  if (rule !== null) return ok({ currency, rate: rule.rate })
  const detail = rateMissing(currency, isoTime(startMs).slice(0, 7))
  return err(billProblem('exchange_missing', detail))
}

export function inDollars(amount: Exact, { rate }: Exchange): Exact {
  if (rate === null) return amount
  return divideRoundHalfEven(amount * exactOf(rate), ONE) as Exact
}

export function lineInDollars(line: BilledLine, exchange: Exchange): BilledLine {
  if (exchange.rate === null) return line
  return {
    ...line,
    unblended: inDollars(line.unblended, exchange),
    net: inDollars(line.net, exchange),
    list: line.list === null ? null : inDollars(line.list, exchange),
  }
}
