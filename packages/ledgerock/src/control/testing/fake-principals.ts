// Principals of a month as a test wrote it: the callers of its bill, and those the ledger is to have seen.

import type { Clock } from '../../kernel/time.ts'
import type { PrincipalSeen } from '../../ledger/metered-use.ts'
import type { EvidenceConfig } from '../month/month-evidence.ts'
import type { OwnerService } from '../month/owners.ts'
import { createPrincipalService, type PrincipalService } from '../month/principals.ts'
import { booksOf, type TestBill } from './fake-month.ts'

export type SeenCallers = { items: readonly PrincipalSeen[]; leftOut: number; asked: number }

export function createTestPrincipals(parts: {
  readonly bill: TestBill
  readonly owners: Pick<OwnerService, 'ownersInForce'>
  readonly dimensions: () => EvidenceConfig['dimensions']
  readonly clock: Clock
}): { readonly principals: PrincipalService; readonly seenCallers: SeenCallers } {
  const { bill, owners, dimensions, clock } = parts
  const seenCallers: SeenCallers = { items: [], leftOut: 0, asked: 0 }
  const principals = createPrincipalService({
    ledger: {
      ...booksOf(bill.month),
      principalsSeen: async () => {
        seenCallers.asked += 1
        return { items: seenCallers.items, left_out: seenCallers.leftOut }
      },
    },
    config: () => ({
      billing: bill.billing,
      bedrock: { targets: bill.month.targets },
      dimensions: dimensions(),
    }),
    owners: owners.ownersInForce,
    clock,
  })
  return { principals, seenCallers }
}

const NOBODY: PrincipalSeen = {
  principal: '',
  billed_principal: '',
  via: 'gateway',
  account_id: null,
  key_names: [],
  environments: [],
  calls: 1,
  tokens: 100,
  usd: '0.0001',
  unpriced_calls: 0,
  first_use: '2026-10-01T01:00:00.000Z',
  last_use: '2026-10-01T01:30:00.000Z',
  teams: [],
  sessions: 0,
  billed_sessions: 0,
}

export function seenCaller(said: Partial<PrincipalSeen>): PrincipalSeen {
  return { ...NOBODY, ...said }
}
