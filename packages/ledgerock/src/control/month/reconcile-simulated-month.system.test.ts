// The whole way of a month: the simulator's bill as AWS delivers it, imported into the real ledger, reconciled with what was metered, and
// laid beside the truth the simulator wrote down.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  deliverBill,
  saveBill,
  simulateMonth,
  writeBill,
  type DeliveryOptions,
} from '@ledgerock/bedrock-simulator'
import { describe, expect, it } from 'vitest'
import { compileDimensionRules, DEFAULT_DIMENSION_RULES } from '../../attribution/dimension-rule.ts'
import { billFolder } from '../../billing/bill-folder.ts'
import { billWordReader } from '../../billing/read-bill-word.ts'
import { mustOk } from '../../kernel/result.ts'
import { isoTime } from '../../kernel/time.ts'
import { openRoom } from '../../ledger/testing/store-rooms.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { ownerKey } from '../../reconciliation/owner.ts'
import { bedrockLines, meteredUses } from '../../reconciliation/testing/month-books.ts'
import { expectedOf, isSame } from '../../reconciliation/testing/month-truth.ts'
import { importBills } from '../imports/import-bills.ts'
import { createTestBill, meteredRow } from '../testing/fake-month.ts'
import { openMemoryStore } from '../testing/memory-store.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READER = billWordReader(bedrockWords(BOOK), BOOK)
const clock = { now: () => Date.parse('2026-11-20T00:00:00Z'), monotonic: () => 0 }
const RULES = mustOk(compileDimensionRules(DEFAULT_DIMENSION_RULES))

const DELIVERIES: readonly Partial<DeliveryOptions>[] = [
  { format: 'parquet', layout: 'overwrite' },
  { format: 'csv.gz', layout: 'create_new' },
]

describe('a simulated month', () => {
  it.each(DELIVERIES)('[C161] imported from %j comes to the truth', async (delivery) => {
    const room = await openRoom('embedded')
    const root = mkdtempSync(join(tmpdir(), 'reconciled-month-'))
    const ledger = await room.open({ bill: { clock, readWord: () => READER } })
    const store = await openMemoryStore(clock)
    try {
      const simulated = simulateMonth({ seed: 11, calls: 800, interruptedPerMille: 0 })
      const { world, period } = simulated
      const bill = writeBill(simulated)
      await saveBill(root, deliverBill(bill, { rowsPerFile: 500, ...delivery }))
      const place = await billFolder(root)
      const imported = await importBills(
        { ledger: ledger.bill, place, stagingDirectory: `${root}-staging` },
        { importId: 'month', bill: 'cur', period: null, importedBy: 'test' },
      )
      expect(imported.rejected).toEqual([])
      const owners = world.ownerRules.map(({ match, set, fromMs, toMs }) => ({
        match: { principal: match },
        set,
        from: fromMs === null ? null : isoTime(fromMs),
        to: toMs === null ? null : isoTime(toMs),
      }))
      const { billCells, billSummary } = ledger.bill
      const { reconciliations, month, billing } = createTestBill({
        store,
        clock,
        books: {
          billCells,
          billSummary,
        },
        owners: { ownersInForce: async () => owners },
        dimensions: () => DEFAULT_DIMENSION_RULES,
        rules: () => RULES,
        log: () => {},
      })
      month.metered = meteredUses(simulated).map(meteredRow)
      billing.gatewayPrincipals = [...world.gatewayPrincipals]
      month.targets = sessionTargets([...world.gatewaySessions.keys()])

      const { reconciliation, inputs } = mustOk(await reconciliations.wholeMonth(period, 'net'))
      const lines = bedrockLines(bill)
      expect(inputs.lines.reduce((all, { rows }) => all + rows, 0)).toBe(lines.length)
      const { owned, untold, pooled, total } = expectedOf(bill, lines)
      expect(isSame(total, reconciliation.bill)).toBe(true)
      const given = new Map<string, bigint>()
      let [shared, unattributed] = [0n, 0n]
      for (const { owner, basis, usd } of reconciliation.shares) {
        const key = ownerKey(owner)
        if (basis === 'shared') shared += usd
        else if (basis === 'unattributed') unattributed += usd
        else given.set(key, (given.get(key) ?? 0n) + usd)
      }
      expect(isSame(pooled, shared)).toBe(true)
      const wanted = new Map<string, bigint>()
      for (const [key, usd] of owned) {
        const owner = key.slice(0, key.lastIndexOf('|'))
        wanted.set(owner, (wanted.get(owner) ?? 0n) + usd)
      }
      const apart = [...new Set([...wanted.keys(), ...given.keys()])].filter(
        (key) => !isSame(wanted.get(key) ?? 0n, given.get(key) ?? 0n),
      )
      expect(apart).toEqual([])
      expect(wanted.size).toBeGreaterThan(5)
      expect(
        isSame(
          [...untold.values()].reduce((sum, usd) => sum + usd, 0n),
          unattributed,
        ),
      ).toBe(true)
      expect(reconciliation.unexplained).toBe(0n)
      // A ledger that metered nothing, asked itself: the bill alone still adds up, and the rest is unmetered.
      const bare = createTestBill({
        store,
        clock,
        books: { billCells, billSummary, meteredUse: ledger.meteredUse },
        owners: { ownersInForce: async () => owners },
        dimensions: () => DEFAULT_DIMENSION_RULES,
        rules: () => RULES,
        log: () => {},
      })
      const unmetered = mustOk(await bare.reconciliations.wholeMonth(period, 'net'))
      expect(unmetered.inputs.metered).toEqual([])
      expect(unmetered.reconciliation.bill).toBe(reconciliation.bill)
      // The same books again are the same month, whatever was asked in between.
      const again = mustOk(await reconciliations.reconcile('test', period, 'net'))
      const { inputsHash } = mustOk(await reconciliations.month(period, 'unblended'))
      expect(again.inputs_hash).toBe(inputsHash)
      expect(again.identity.difference_usd).toBe('0')
    } finally {
      await store.close()
      await ledger.close()
      await room.close()
      rmSync(root, { recursive: true })
      rmSync(`${root}-staging`, { recursive: true, force: true })
    }
  })
})

function sessionTargets(sessions: readonly string[]) {
  const roles = sessions.map((arn) =>
    arn.replace(/^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:aws:iam::$1:role/$2'),
  )
  return [...new Set(roles)].map((roleArn) => ({
    identity: { mode: 'session', roleArn, sessionName: 'lr-{team}', tags: {} } as const,
  }))
}
