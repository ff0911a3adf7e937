// A charge as journal, ledger and API hold it: decimal strings, and the rate by its id.

import type { ChargeLine } from '@ledgerock/contract'
import { formatUsd } from '../kernel/money.ts'
import type { Charge } from './cost-of-usage.ts'

export function chargeLine(charge: Charge): ChargeLine {
  return {
    kind: charge.kind,
    quantity: charge.quantity,
    rate_usd: charge.rate,
    amount_usd: formatUsd(charge.amount),
    rate_id: charge.rateId,
  }
}
