// Whether a wallet and a journal tell the same: of every counter, what was settled is what the journal's calls were charged, and nothing is
// held for a call that is over.

import { expect } from 'vitest'
import { instanceKey } from '../../governance/budget/lease.ts'
import { budgetCharge } from '../../journal/budget-charge.ts'
import type { FakeControl } from './fake-budget-control.ts'
import { SOON } from './nothing-held.ts'
import type { RunningGateway } from './running-gateway.ts'

export async function booksAgree(
  gateway: Pick<RunningGateway, 'lines'>,
  control: Pick<FakeControl, 'leases'>,
): Promise<void> {
  await expect
    .poll(() => {
      const spoken = control.leases()
      const written = chargesOf(gateway.lines())
      const differ = [...new Set([...spoken.keys(), ...written.keys()])].filter(
        (key) => (spoken.get(key)?.settled ?? 0n) !== (written.get(key) ?? 0n),
      )
      const held = [...spoken].filter(([, { reserved }]) => reserved !== 0n)
      return { differ, held: held.map(([key]) => key) }
    }, SOON)
    .toEqual({ differ: [], held: [] })
}

function chargesOf(lines: ReturnType<RunningGateway['lines']>): ReadonlyMap<string, bigint> {
  const charges = new Map<string, bigint>()
  for (const { opened, settled } of lines) {
    if (settled === null) continue
    const charge = budgetCharge(opened, settled)
    for (const { budget, fromMs, per, unit } of opened.budgets) {
      const key = instanceKey(budget, fromMs, per)
      charges.set(key, (charges.get(key) ?? 0n) + charge[unit])
    }
  }
  return charges
}
