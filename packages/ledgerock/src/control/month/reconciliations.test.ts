import { simulateMonth, writeBill } from '@ledgerock/bedrock-simulator'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AssertionError } from '../../kernel/assert.ts'
import { bedrockLines, meteredUses } from '../../reconciliation/testing/month-books.ts'
import { expectedOf, isSame } from '../../reconciliation/testing/month-truth.ts'
import { mustOk } from '../../kernel/result.ts'
import { formatUsd, parseUsd } from '../../kernel/money.ts'
import { isoTime } from '../../kernel/time.ts'
import { ROWS_IDLE_MS } from './month-keeper.ts'
import { reconcileInThread } from './reconcile-apart.ts'
import type { KeptReport } from './reconciliations.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { fakeBill, meteredRow } from '../testing/fake-month.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

const REPORT = '/api/v1/periods/2026-10/reconciliation'
const RUN = '/api/v1/periods/2026-10/reconcile'

async function reportOf(answer: Response | Promise<Response>): Promise<KeptReport> {
  const response = await answer
  expect(response.status).toBe(200)
  return (await response.json()) as KeptReport
}

/** Puts a simulated month into the ledger, and what its house knows into the configuration. */
function laySimulated(seed = 3, calls = 700) {
  const simulated = simulateMonth({ seed, calls, interruptedPerMille: 0 })
  const bill = writeBill(simulated)
  const lines = bedrockLines(bill)
  const metered = meteredUses(simulated)
  const { month, billing } = plane.bill
  month.bills = [fakeBill(lines, { period: simulated.period })]
  month.metered = metered.map(meteredRow)
  const { ownerRules, gatewayPrincipals } = simulated.world
  plane.declared.owners = ownerRules.map(({ match, set, fromMs, toMs }) => ({
    match: { principal: match },
    set,
    from: fromMs === null ? null : isoTime(fromMs),
    to: toMs === null ? null : isoTime(toMs),
  }))
  billing.gatewayPrincipals = [...gatewayPrincipals]
  const identity = {
    mode: 'session',
    roleArn: 'arn:aws:iam::111122223333:role/ledgerock-bedrock',
    sessionName: 'lr-{team}',
    tags: { team: 'team' },
  } as const
  month.targets = [{ identity }]
  return { simulated, bill, lines, metered }
}

describe('a month reconciled', () => {
  it('[C160] says what there is to do where there is no bill', async () => {
    const answer = await plane.get(REPORT)
    expect(answer.status).toBe(404)
    const { code, detail } = (await answer.json()) as { code: string; detail: string }
    expect(code).toBe('bill_unknown')
    expect(detail).toContain('ledgerock import cur')
    for (const period of ['2026-13', 'october', '2026-1']) {
      const refused = await plane.send('POST', `/api/v1/periods/${period}/reconcile`)
      expect(refused.status).toBe(400)
      expect(await refused.json()).toMatchObject({ code: 'period_invalid' })
    }
    const cost = await plane.get(`${REPORT}?cost=gross`)
    expect(await cost.json()).toMatchObject({ code: 'invalid_request' })
  })

  it('[C161] gives the simulated month’s dollars to their true owners', async () => {
    const { bill, lines, simulated } = laySimulated()
    const report = await reportOf(plane.send('POST', RUN))
    const { owned, pooled, total } = expectedOf(bill, lines)
    expect(isSame(total, mustOk(parseUsd(report.bill_usd)))).toBe(true)
    expect(report.identity).toEqual({
      sum_of_allocation_usd: report.bill_usd,
      difference_usd: '0',
    })
    const wanted = new Map<string, bigint>()
    for (const [key, fine] of owned) {
      const owner = key.slice(0, key.lastIndexOf('|'))
      wanted.set(owner, (wanted.get(owner) ?? 0n) + fine)
    }
    const given = new Map<string, bigint>()
    let shared = 0n
    for (const { owner, basis, amount_usd } of report.allocation) {
      const usd = mustOk(parseUsd(amount_usd))
      const key = JSON.stringify(
        Object.entries(owner).toSorted(([one], [two]) => (one < two ? -1 : 1)),
      )
      if (basis === 'shared') shared += usd
      else if (basis !== 'unattributed') given.set(key, (given.get(key) ?? 0n) + usd)
    }
    expect(isSame(pooled, shared)).toBe(true)
    const apart = [...new Set([...wanted.keys(), ...given.keys()])].filter(
      (key) => !isSame(wanted.get(key) ?? 0n, given.get(key) ?? 0n),
    )
    expect(apart).toEqual([])
    expect(wanted.size).toBeGreaterThan(5)
    expect(simulated.world.gatewaySessions.size).toBeGreaterThan(0)
    expect(Number(report.coverage.ratio)).toBeGreaterThan(0.5)
    expect(report.unexplained_usd).toBe('0')
  })

  it('[C162] keeps the report until something it came from changes', async () => {
    const { lines } = laySimulated(4, 200)
    const first = await reportOf(plane.send('POST', RUN))
    expect(first).toMatchObject({ reconciled_by: 'admin', price_book_version: 'book-1' })
    const { month } = plane.bill
    const { reads } = month
    expect(await reportOf(plane.get(REPORT))).toEqual(first)
    expect(month.reads).toBe(reads)
    // The same question again is worked out again, and comes to the same.
    const again = await reportOf(plane.send('POST', RUN))
    expect(month.reads).toBeGreaterThan(reads)
    expect(again).toEqual(first)
    plane.declared.owners = []
    const without = await reportOf(plane.get(REPORT))
    expect(without.inputs_hash).not.toBe(first.inputs_hash)
    expect(without.reconciled_by).toBe('system')
    const later = { version: 2, fingerprint: 'f2' }
    month.bills = [fakeBill(lines.slice(1), later)]
    expect(await reportOf(plane.get(REPORT))).toMatchObject({ bill_version: 2 })
    month.metered = month.metered.slice(1)
    const less = await reportOf(plane.get(REPORT))
    expect(less.coverage.metered_tokens).toBeLessThan(first.coverage.metered_tokens)
    const audit = await plane.store.read.audit.entries(0, 100)
    const runs = audit.filter(({ action }) => action === 'period.reconcile')
    expect(runs).toHaveLength(2)
  })

  it('[C162] has one hash for one month, whatever the pages were', async () => {
    laySimulated(5, 150)
    const hashes = new Set<string>()
    for (const pageRows of [3, 100, 100_000]) {
      plane.bill.month.pageRows = pageRows
      hashes.add((await reportOf(plane.send('POST', RUN))).inputs_hash)
    }
    expect(hashes.size).toBe(1)
  })

  it('[C163] is the same from a thread of its own', async () => {
    laySimulated(6, 300)
    const here = await reportOf(plane.send('POST', RUN))
    let threads = 0
    plane.bill.month.reconciler = (ask, facts) => {
      threads += 1
      return reconcileInThread(ask, facts)
    }
    expect(await reportOf(plane.send('POST', RUN))).toEqual(here)
    expect(threads).toBe(1)
  })

  it('[C164] shows nothing where the parts do not add up', async () => {
    laySimulated(7, 100)
    plane.bill.month.reconciler = () =>
      Promise.reject(new AssertionError('the sum of the allocation is the bill'))
    const answer = await plane.send('POST', RUN)
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ code: 'reconciliation_unsound' })
    expect(plane.logged).toContain('reconciliation_unsound')
    expect(await plane.store.read.reconciliations.newest('2026-10', 'net')).toBeNull()
  })

  it('[C164] mixes no two versions of a bill', async () => {
    const { lines } = laySimulated(8, 150)
    const { month } = plane.bill
    month.pageRows = 50
    month.onCells = () => {
      month.onCells = () => {}
      const [bill] = month.bills
      // Pruned while it is read.
      month.bills = bill === undefined ? [] : [{ ...bill, cells: bill.cells.slice(1) }]
    }
    const answer = await plane.send('POST', RUN)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ code: 'bill_changed' })
    month.bills = [fakeBill(lines)]
    await reportOf(plane.send('POST', RUN))
  })

  it('[C165] adds up the bills of several payers, each in its currency', async () => {
    const { lines } = laySimulated(9, 200)
    const dollars = await reportOf(plane.send('POST', RUN))
    const [one, other] = [lines.slice(0, 90), lines.slice(90)]
    const invoice = { invoice_id: 'I1', issuer: 'AWS', rows: 1, tax_usd: '0' }
    const paid = [{ ...invoice, unblended_usd: '4', net_usd: '3' }]
    const said = { bill: 'europe', version: 2, fingerprint: 'f2', currency: 'EUR' }
    plane.bill.month.bills = [fakeBill(one), fakeBill(other, said, paid)]
    const refused = await plane.get(REPORT)
    expect(refused.status).toBe(409)
    expect(await refused.json()).toMatchObject({ code: 'exchange_missing' })
    const from = (iso: string): number => Date.parse(iso)
    plane.bill.billing.exchange = [
      { currency: 'EUR', rate: '9', fromMs: null, toMs: from('2026-10-01') },
      { currency: 'EUR', rate: '1.5', fromMs: from('2026-10-01'), toMs: null },
    ]
    const report = await reportOf(plane.get(REPORT))
    expect(report.exchange).toEqual([
      { bill: 'europe', currency: 'EUR', usd_per_unit: '1.5', rate_date: '2026-10-01' },
    ])
    expect(report.invoices).toEqual([
      { invoice_id: 'I1', issuer: 'AWS', bill_usd: '4.5', tax_usd: '0' },
    ])
    const unblended = await reportOf(plane.get(`${REPORT}?cost=unblended`))
    expect(unblended.invoices).toMatchObject([{ bill_usd: '6' }])
    const sum = (part: typeof lines): bigint => part.reduce((all, line) => all + line.net, 0n)
    const wanted = (sum(one) * 2n + sum(other) * 3n) / 2n
    const off = wanted / 10n ** 18n - mustOk(parseUsd(report.bill_usd))
    expect(off * off).toBeLessThanOrEqual(1n)
    expect(report.bill_usd).not.toBe(dollars.bill_usd)
  })

  it('[C166] says how much may stay unexplained', async () => {
    laySimulated(3, 100)
    expect(await reportOf(plane.get(REPORT))).toMatchObject({ tolerance_usd: '1' })
    plane.bill.month.toleranceUsd = '0.02'
    expect(await reportOf(plane.get(REPORT))).toMatchObject({ tolerance_usd: '0.02' })
  })

  it('[C167] calls what the bill has not reached yet late, and after the grace too many', async () => {
    const { lines, metered } = laySimulated(3, 400)
    const untilMs = Date.parse('2026-10-14T00:00:00Z')
    plane.bill.month.bills = [fakeBill(lines.filter((line) => line.toMs <= untilMs))]
    plane.bill.month.metered = metered
      .filter(({ hourMs }) => hourMs < untilMs + 6 * 3_600_000)
      .map(meteredRow)
    const causes = (report: KeptReport): ReadonlySet<string> =>
      new Set(report.variance.map(({ cause }) => cause))
    const early = await reportOf(plane.get(REPORT))
    expect(causes(early)).toContain('late')
    expect(early.unexplained_usd).toBe('0')
    plane.advance(Date.parse('2026-11-06T00:00:00Z') - plane.now())
    const final = await reportOf(plane.get(REPORT))
    expect(causes(final)).not.toContain('late')
    expect(mustOk(parseUsd(final.unexplained_usd))).toBeGreaterThan(0n)
  })

  it('[C167] is not held back by a payer who used nothing', async () => {
    const { lines, metered } = laySimulated(3, 400)
    const untilMs = Date.parse('2026-10-14T00:00:00Z')
    const reached = lines.filter((line) => line.toMs <= untilMs)
    const fees = lines.filter(({ thing }) => thing !== 'usage')
    plane.bill.month.bills = [fakeBill(reached)]
    const { reconciliations } = plane.bill
    const alone = mustOk(await reconciliations.month('2026-10', 'net')).inputs.billedUntilMs
    plane.bill.month.bills = [
      fakeBill(reached),
      fakeBill(fees.slice(0, 1), { bill: 'other', version: 2, fingerprint: 'f2' }),
    ]
    expect(fees.length).toBeGreaterThan(0)
    expect(metered.length).toBeGreaterThan(0)
    const both = mustOk(await reconciliations.month('2026-10', 'net')).inputs.billedUntilMs
    expect(both).toBe(alone)
    expect(both).toBeGreaterThan(Date.parse('2026-10-10T00:00:00Z'))
  })

  it('[C168] is worked out once for all who ask at once', async () => {
    laySimulated(10, 150)
    const { month, reconciliations } = plane.bill
    let isRunning = false
    const { reconciler } = month
    month.reconciler = async (ask, facts) => {
      expect(isRunning).toBe(false)
      isRunning = true
      const done = await reconciler(ask, facts)
      isRunning = false
      return done
    }
    const months = await Promise.all([
      reconciliations.month('2026-10', 'net'),
      reconciliations.month('2026-10', 'list'),
      reconciliations.month('2026-10', 'net'),
    ])
    const [net, list, same] = months.map(mustOk)
    expect(same).toBe(net)
    expect(list?.inputs).toEqual(net?.inputs)
    const { lines } = mustOk(await reconciliations.wholeMonth('2026-10', 'net')).inputs
    expect(formatUsd(net?.reconciliation.bill ?? (0n as never))).toBe(
      (await reportOf(plane.get(REPORT))).bill_usd,
    )
    expect(month.reads).toBe(Math.ceil(lines.length / month.pageRows))
  })

  it('[C168] keeps what came of two months, and their rows for some minutes only', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { lines } = laySimulated(11, 60)
      const { month, reconciliations } = plane.bill
      const earlier = { period: '2026-09', version: 2, fingerprint: 'f2' }
      month.bills = [
        ...month.bills,
        fakeBill(lines, earlier),
        fakeBill(lines, { ...earlier, period: '2026-08', version: 3 }),
      ]
      const months = ['2026-10', '2026-09']
      const of = (period: string) => reconciliations.month(period, 'net').then(mustOk)
      const first = await Promise.all(months.map(of))
      const { reads } = month
      vi.advanceTimersByTime(ROWS_IDLE_MS)
      expect(await Promise.all(months.map(of))).toEqual(first)
      expect(month.reads).toBe(reads)
      // The rows are read again, and are the same.
      const whole = mustOk(await reconciliations.wholeMonth('2026-10', 'net'))
      expect(whole.reconciliation).toBe(first[0]?.reconciliation)
      expect(whole.inputs.lines).toHaveLength(lines.length)
      const readAgain = month.reads
      expect(readAgain).toBeGreaterThan(reads)
      mustOk(await reconciliations.wholeMonth('2026-10', 'net'))
      expect(month.reads).toBe(readAgain)
      // A third takes the place of the one nobody asked for last.
      await of('2026-08')
      const three = month.reads
      await of('2026-10')
      expect(month.reads).toBe(three)
      await of('2026-09')
      expect(month.reads).toBeGreaterThan(three)
    } finally {
      vi.useRealTimers()
    }
  })
})
