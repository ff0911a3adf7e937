// FOCUS files as others read them: back through the embedded engine's own readers, and through the official validator where there is one.

import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatUsd, type Picodollars } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { checkFocus } from '../../reconciliation/focus/focus-check.ts'
import { FOCUS_COLUMN_NAMES } from '../../reconciliation/focus/focus-row.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import { focusFile, focusRowsOf, type FocusFormat } from './focus-files.ts'
import { adjustmentOf, focusWorld, frozenAs } from '../testing/focus-month.ts'

const run = promisify(execFile)
const PERIOD = '2026-10'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'focus-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function ask(sql: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const script =
    'process.stdout.write(require("chdb").query(process.argv[1], "JSONStringsEachRow"))'
  const { stdout } = await run(process.execPath, ['-e', script, sql], {
    cwd: import.meta.dirname,
    maxBuffer: 64 * 1_048_576,
  })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Readonly<Record<string, string>> => JSON.parse(line))
}

const WORLD = focusWorld(5)

async function saved(format: FocusFormat, owner: Owner | null): Promise<string> {
  const file = mustOk(await focusFile(WORLD.source, PERIOD, owner, format))
  const path = join(folder, `${Object.values(owner ?? {}).join('-')}${file.name}`)
  await writeFile(path, file.chunks)
  return path
}

/** The official validator, where Python has it. */
function hasValidator(): boolean {
  try {
    execFileSync('python3', ['-c', 'import focus_validator'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('a FOCUS file', () => {
  it('[C220] reads back as Parquet, to the picodollar, with its types', async () => {
    const path = await saved('parquet', null)
    const types = await ask(`DESCRIBE file('${path}', 'Parquet')`)
    expect(types.map(({ name }) => name)).toEqual(FOCUS_COLUMN_NAMES)
    const typeOf = new Map(types.map(({ name, type }) => [name, type]))
    expect(typeOf.get('BilledCost')).toBe('Decimal(38, 18)')
    expect(typeOf.get('ListUnitPrice')).toBe('Nullable(Decimal(38, 18))')
    expect(typeOf.get('ChargePeriodStart')).toContain("DateTime64(3, 'UTC')")
    expect(typeOf.get('x_LedgerockIsEstimate')).toBe('Bool')
    const [sums] = await ask(
      `SELECT sum(BilledCost) AS billed, count() AS rows, toString(min(BillingPeriodStart)) AS start,` +
        ` countIf(ListUnitPrice * PricingQuantity != ListCost) AS odd FROM file('${path}', 'Parquet')`,
    )
    const { bill } = WORLD.month.reconciliation
    expect(sums?.['billed']).toBe(formatUsd(bill))
    expect(sums?.['odd']).toBe('0')
    expect(sums?.['start']).toBe('2026-10-01 00:00:00.000')
    expect(Number(sums?.['rows'])).toBeGreaterThan(1_000)
  })

  it('[C220] says in CSV what it says in Parquet, one owner’s as all', async () => {
    for (const owner of [null, { team: 'search' }]) {
      const parquet = await saved('parquet', owner)
      const csv = await saved('csv', owner)
      const columns =
        'ChargeCategory, toString(ChargePeriodStart) AS start, ChargeDescription,' +
        " nullIf(SkuPriceId, '') AS price, nullIf(Tags, '') AS words," +
        ' toString(BilledCost) AS billed'
      const shape =
        "ChargeCategory String, ChargePeriodStart DateTime64(3, \\'UTC\\'), SkuPriceId Nullable(String)," +
        ' Tags Nullable(String), ChargeDescription Nullable(String), BilledCost Decimal(38, 18),' +
        ' PricingQuantity String'
      const rowsOf = (from: string, quantity: string) =>
        ask(
          `SELECT ${columns}, toString(${quantity}) AS quantity FROM ${from} ORDER BY ALL` +
            " SETTINGS date_time_input_format = 'best_effort', input_format_csv_empty_as_default = 0",
        )
      const said = await rowsOf(
        `file('${csv}', 'CSVWithNames', '${shape}')`,
        'toDecimal128OrNull(PricingQuantity, 18)',
      )
      const [count] = await ask(`SELECT count() AS n FROM file('${parquet}', 'Parquet')`)
      expect(said.length).toBe(Number(count?.['n']))
      expect(said).toEqual(await rowsOf(`file('${parquet}', 'Parquet')`, 'PricingQuantity'))
    }
  })

  it('[C220] names who pays as the bill does', async () => {
    const payers = new Set(WORLD.month.inputs.lines.map(({ payerId }) => payerId))
    expect(payers.size).toBe(1)
    const rows = mustOk(await focusRowsOf(WORLD.source, PERIOD, null)).rows()
    expect(new Set([...rows].map((row) => row.BillingAccountId))).toEqual(payers)
  })

  it('[C221] holds what a closed month was closed with, and the corrections posted in it', async () => {
    const world = focusWorld(6)
    const { bill, shares } = world.month.reconciliation
    world.adjustments.push(adjustmentOf('search', -500_000_000_000n as Picodollars))
    const expected = { period: PERIOD, currency: 'USD', billed: bill }
    const totals: Record<string, string> = {}
    for (const [name, hash] of [
      ['as it was', 'one'],
      ['changed since', 'other'],
    ] as const) {
      world.frozen = frozenAs(world, hash)
      const rows = [...mustOk(await focusRowsOf(world.source, PERIOD, null)).rows()]
      expect(checkFocus(rows, expected).slice(0, 3)).toEqual([])
      const own = [...mustOk(await focusRowsOf(world.source, PERIOD, { team: 'search' })).rows()]
      totals[name] = formatUsd(
        (own.reduce((sum, row) => sum + row.BilledCost, 0n) / 1_000_000n) as Picodollars,
      )
    }
    const owned = shares
      .filter(({ owner }) => owner['team'] === 'search')
      .reduce((sum, { usd }) => sum + usd, 0n)
    const wanted = formatUsd((owned - 500_000_000_000n) as Picodollars)
    expect(totals).toEqual({ 'as it was': wanted, 'changed since': wanted })
  })

  it('[C220] is refused to an owner who is nobody, rather than empty', async () => {
    const made = await focusFile(WORLD.source, PERIOD, { team: 'serach' }, 'csv')
    expect(made).toMatchObject({ ok: false, problem: { code: 'statement_unknown' } })
  })

  it('[C222] keeps formulas in tags from being formulas, and numbers numbers', async () => {
    const world = focusWorld(7)
    world.adjustments.push({
      ...adjustmentOf('search', -1_500_000_000_000n as Picodollars),
      owner: { team: '=HYPERLINK("http://x")', application: '@sum' },
    })
    const file = mustOk(await focusFile(world.source, PERIOD, { application: '@sum' }, 'csv'))
    const pieces: Uint8Array[] = []
    for await (const piece of file.chunks) pieces.push(piece)
    const [, row = ''] = Buffer.concat(pieces).toString('utf8').split('\r\n')
    expect(row).toContain(`"'=HYPERLINK(""http://x"")"`)
    expect(row).toContain(`,'@sum,`)
    expect(row).toContain(',-1.5,')
  })

  it.skipIf(!hasValidator())(
    '[C220] passes the official validator (python3 focus_validator)',
    async () => {
      const path = await saved('csv', null)
      const arguments_ = [
        '-m',
        'focus_validator.main',
        '--data-file',
        path,
        '--validate-version',
        '1.4',
      ]
      const { stdout } = await run('python3', arguments_, { maxBuffer: 64 * 1_048_576 })
      expect(stdout).not.toMatch(/FAIL/)
    },
  )
})
