// Statements as they are issued: with the real store (SQLite) and the real API, from simulated months.

import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { parseUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import { reconciledOf } from '../../reconciliation/testing/stated-month.ts'
import type { Statement } from '../../reconciliation/statement/statement.ts'
import { createApi } from '../api.ts'
import { statementPdf } from './statement-pdf.ts'
import { pdfText } from './statement-pdf-text.ts'
import { contentSha256, createStatementService, periodBefore } from './statements.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { frozenOf, statementWorld, type StatementWorld } from '../testing/statement-world.ts'

const OCTOBER = reconciledOf(1)
const SEPTEMBER = reconciledOf(2, '2026-09')
const SEARCH = { team: 'search' }
const usd = (text: string): Picodollars => mustOk(parseUsd(text))
const PATH = '/api/v1/periods/2026-10/statements'

let plane: ControlPlane
let world: StatementWorld
let api: ReturnType<typeof createApi>
beforeEach(async () => {
  plane = await startControlPlane()
  world = statementWorld([OCTOBER, SEPTEMBER])
  api = createApi({ ...plane.apiDeps, statements: service() })
})
afterEach(() => plane.stop())

const service = () => createStatementService({ store: plane.store, source: world.source })
const statementOf = async (owner: Statement['owner'] = SEARCH): Promise<Statement> =>
  mustOk(await service().statement(null, '2026-10', owner))

async function ask(path: string, token = plane.token): Promise<Response> {
  return api.request(path, { headers: { authorization: `Bearer ${token}` } })
}

async function tokenOf(role: 'lead' | 'viewer', team: string): Promise<string> {
  await plane.send('POST', '/api/v1/users', { name: `the-${role}`, role, scope: { team } })
  const made = await plane.send('POST', '/api/v1/tokens', { user: `the-${role}` })
  return ((await made.json()) as { readonly token: string }).token
}

describe('a statement', () => {
  it('[C200] is the same version and the same bytes while its content is the same', async () => {
    const first = await statementOf()
    world.at = '2026-11-04T09:00:00.000Z'
    const again = await statementOf()
    expect(JSON.stringify(again)).toBe(JSON.stringify(first))
    expect(first.version).toBe(1)
    expect(first.generated_at).toBe('2026-11-03T08:00:00.000Z')
    const { statement_id: _id, version: _version, sha256, generated_at: _at, ...content } = first
    expect(contentSha256(content)).toBe(sha256)
  })

  it('[C200] counts its version up when its content differs, and keeps its id', async () => {
    const first = await statementOf()
    world.months.set('2026-10', { ...reconciledOf(3), period: '2026-10' })
    world.at = '2026-11-04T09:00:00.000Z'
    const second = await statementOf()
    expect(second.statement_id).toBe(first.statement_id)
    expect([second.version, second.generated_at]).toEqual([2, world.at])
    expect(second.sha256).not.toBe(first.sha256)
    expect((await statementOf(null)).version).toBe(1)
    const kept = await plane.store.read.statements.versions(first.statement_id)
    expect(kept.map(({ sha256 }) => sha256)).toEqual([first.sha256, second.sha256])
  })

  it('[C200] is issued once when two ask at the same time', async () => {
    const [one, other] = await Promise.all([statementOf(), statementOf()])
    expect(one).toEqual(other)
    expect(await plane.store.read.statements.versions(one.statement_id)).toHaveLength(1)
  })

  it('[C265] has what came of the owner’s calls, and what one cost', async () => {
    const told = { name: 'tickets', at: '2026-10-05T00:00:00.000Z', value_usd: null }
    await world.outcomes.recordOutcomes([
      { ...told, outcome_id: '1', quantity: '3', dimensions: SEARCH },
      { ...told, outcome_id: '2', quantity: '4', dimensions: { team: 'research' } },
      {
        ...told,
        outcome_id: '3',
        quantity: '9',
        dimensions: SEARCH,
        at: '2026-09-30T23:59:59.999Z',
      },
    ])
    const own = await statementOf()
    const cost = usd(own.usage_usd) + usd(own.shared_usd)
    const [line, ...more] = own.outcomes
    expect(more).toEqual([])
    expect(line).toMatchObject({ name: 'tickets', quantity: '3', value_usd: null })
    expect(usd(line?.cost_usd ?? '0')).toBe(cost)
    expect(Number(line?.usd_per_unit)).toBeCloseTo(Number(cost) / 3e12, 9)
    expect((await statementOf(null)).outcomes).toMatchObject([{ quantity: '7' }])
    const pages = await pagesOf(await statementPdf(own))
    expect(pages.join(' ')).toContain(line?.usd_per_unit ?? 'none')

    // Told after the closing: it is in no final statement.
    const closed = { ...frozenOf(OCTOBER), closedAt: '1970-01-01T00:00:00.000Z' }
    world.frozen.set('2026-10', closed)
    expect((await statementOf()).outcomes).toEqual([])
  })

  it('[C201] of a closed period comes from the frozen rows, whatever is reconciled now', async () => {
    const draft = await statementOf()
    world.frozen.set('2026-10', frozenOf(OCTOBER))
    world.months.delete('2026-10')
    const final = await statementOf()
    expect(final.total_usd).toBe(draft.total_usd)
    expect([draft.state, final.state]).toEqual(['draft', 'final'])
    expect(final.closing).toEqual({
      number: 1,
      sha256: 'f'.repeat(64),
      closed_at: '2026-11-06T04:00:00.000Z',
    })
    expect(final.generated_at).toBe('2026-11-06T04:00:00.000Z')
  })

  it('[C206] is made from an allocation that is the bill, and of a closed month stays as it was frozen', async () => {
    type Allocation = Readonly<{ state: string; bill_usd: string; items: { amount_usd: string }[] }>
    const path = '/api/v1/periods/2026-10/allocation'
    const draft = (await (await ask(path)).json()) as Allocation
    world.frozen.set('2026-10', frozenOf(OCTOBER))
    world.months.delete('2026-10')
    const final = (await (await ask(path)).json()) as Allocation
    const amounts = final.items.map(({ amount_usd: amount }) => usd(amount))
    expect(sumMoney(amounts)).toBe(OCTOBER.bill)
    expect(usd(final.bill_usd)).toBe(OCTOBER.bill)
    expect([draft.state, final.state]).toEqual(['draft', 'final'])
    expect(final.items).toEqual(draft.items)
    expect((await ask('/api/v1/periods/2026-13/allocation')).status).toBe(400)
    expect((await ask('/api/v1/periods/2025-01/allocation')).status).toBe(404)
    expect((await ask(path, await tokenOf('lead', 'search'))).status).toBe(403)
  })

  it('[C201] shows adjustments posted in the period, of its owner, with their charge period', async () => {
    const adjustment = {
      adjustmentId: 'adj-1',
      chargePeriod: '2026-08',
      postedIn: '2026-10',
      modelId: 'amazon.nova-pro-v1:0',
      basis: 'metered',
      pool: '',
      usd: -5n as Picodollars,
      reason: 'late_delivery',
      at: '2026-10-09T00:00:00.000Z',
    } as const
    world.adjustments = [
      { ...adjustment, owner: SEARCH },
      { ...adjustment, owner: { team: 'support' }, adjustmentId: 'adj-2' },
      { ...adjustment, owner: SEARCH, postedIn: '2026-11', adjustmentId: 'adj-3' },
    ]
    const { adjustments, adjustments_usd: sum, tie_out: tie } = await statementOf()
    expect(adjustments).toEqual([
      {
        adjustment_id: 'adj-1',
        charge_period: '2026-08',
        owner: SEARCH,
        model_id: 'amazon.nova-pro-v1:0',
        basis: 'metered',
        pool: '',
        reason: 'late_delivery',
        amount_usd: '-0.000000000005',
        at: '2026-10-09T00:00:00.000Z',
      },
    ])
    expect([sum, tie.difference_usd]).toEqual(['-0.000000000005', '0'])
  })

  it('[C201] compares with the month before, over the turn of the year too', async () => {
    const now = await statementOf()
    const before = mustOk(await service().statement(null, '2026-09', SEARCH))
    expect(now.previous_total_usd).toBe(before.total_usd)
    expect(before.previous_total_usd).toBeNull()
    expect([periodBefore('2026-01'), periodBefore('2026-12')]).toEqual(['2025-12', '2026-11'])
  })
})

describe('GET periods/{period}/statements', () => {
  it('[C202] shows a lead and a viewer their own, and nothing of the rest', async () => {
    for (const role of ['lead', 'viewer'] as const) {
      const token = await tokenOf(role, 'search')
      const own = await ask(`${PATH}?owner=team=search`, token)
      expect(own.status).toBe(200)
      expect(((await own.json()) as Statement).owner).toEqual(SEARCH)
      for (const format of ['json', 'csv', 'pdf', 'focus', 'focus-parquet']) {
        for (const owner of ['', 'owner=team=support&', 'owner=application=search-api&']) {
          const other = await ask(`${PATH}?${owner}format=${format}`, token)
          expect([owner, format, other.status]).toEqual([owner, format, 404])
        }
      }
      const list = (await (await ask(`${PATH}?by=team`, token)).json()) as {
        readonly items: readonly { readonly owner: unknown }[]
      }
      expect(list.items.map(({ owner }) => owner)).toEqual([SEARCH])
    }
  })

  it('[C203] gives each format as a file that no browser shows as a page of this server', async () => {
    const types = {
      csv: 'text/csv; charset=utf-8',
      html: 'text/html; charset=utf-8',
      pdf: 'application/pdf',
    }
    for (const [format, type] of Object.entries(types)) {
      const answer = await ask(`${PATH}?owner=team=search&format=${format}`)
      expect(answer.headers.get('content-type')).toBe(type)
      expect(answer.headers.get('content-disposition')).toBe(
        `attachment; filename="statement-2026-10-team-search.${format}"`,
      )
      expect((await answer.bytes()).length).toBeGreaterThan(200)
    }
  })

  it('[C203] lists every owner of a dimension with totals', async () => {
    const answer = await ask(`${PATH}?by=application`)
    const list = (await answer.json()) as {
      readonly items: readonly { owner: Statement['owner'] }[]
    }
    expect(list.items.length).toBeGreaterThan(3)
    for (const { owner, ...totals } of list.items) {
      expect(await statementOf(owner)).toMatchObject(totals)
    }
  })

  it.each([
    ['owner=team', 400],
    ['owner=nobody=x', 400],
    ['owner=team=search,team=support', 400],
    ['format=docx', 400],
    ['by=team&owner=team=search', 400],
    ['by=team&format=csv', 400],
    ['by=colour', 400],
    ['cost=list', 400],
    ['owner=team=nobody-at-all', 404],
  ])('[C203] refuses %s with %d', async (query, status) => {
    expect((await ask(`${PATH}?${query}`)).status).toBe(status)
  })

  it('[C203] says where there is no bill and what is no month', async () => {
    const none = await ask('/api/v1/periods/2025-01/statements')
    expect([none.status, await none.json()]).toMatchObject([404, { code: 'bill_unknown' }])
    const wrong = await ask('/api/v1/periods/2026-13/statements?format=pdf')
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { code: 'period_invalid' }])
  })
})

async function pagesOf(bytes: Uint8Array): Promise<readonly string[]> {
  const opened = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise
  const pages: string[] = []
  for (let number = 1; number <= opened.numPages; number += 1) {
    const { items } = await (await opened.getPage(number)).getTextContent()
    pages.push(items.map((item) => ('str' in item ? item.str : '')).join(' '))
  }
  return pages
}

describe('a statement as PDF', () => {
  it('[C204] shows the figures of the statement, its id and hash, on numbered pages', async () => {
    const made = await statementOf(null)
    const pages = await pagesOf(await statementPdf(made))
    expect(pages.length).toBeGreaterThan(1)
    for (const [index, page] of pages.entries()) {
      expect(page).toContain(`${index + 1} of ${pages.length}`)
      expect(page).toContain(`SHA-256 ${made.sha256}`)
    }
    const text = pages.join(' ')
    expect(text).toContain('DRAFT')
    expect(text).toContain('The whole bill')
    for (const title of ['Summary', 'By team', 'By model', 'Shared costs', 'Tie-out to the bill'])
      expect(text).toContain(title)
    const [whole = '', decimals = ''] = made.tie_out.bill_usd.split('.')
    expect(text).toContain(`${whole}.${decimals}`)
  })

  it('[C204] is the same bytes for the same statement', async () => {
    const made = await statementOf()
    const [one, other] = [await statementPdf(made), await statementPdf(made)]
    expect(Buffer.compare(one, other)).toBe(0)
  })

  it('[C204] repeats the head of a table on every page, and tears or loses no row', async () => {
    const made = await statementOf()
    const many = Array.from({ length: 180 }, (_, index) => ({
      value: `workflow-${index}-${'long-name-'.repeat(index % 12)}`,
      usd: '1.5',
      metered_usd: '1.25',
      previous_usd: '1',
    }))
    const pages = await pagesOf(
      await statementPdf({ ...made, by: { ...made.by, workflow_id: many } }),
    )
    const all = pages.map((page) => page.replaceAll(/\s+/g, ''))
    for (const index of many.keys()) {
      expect(all.filter((page) => page.includes(`workflow-${index}-`))).toHaveLength(1)
    }
    const within = all.filter((page) => /workflow-\d+-/.test(page))
    expect(within.length).toBeGreaterThan(3)
    for (const page of within) expect(page).toContain('WorkflowMeteredUSDBilledUSD')
  })

  it('[C204] writes what its font cannot show as numbers, and says so', async () => {
    const made = await statementOf()
    const owner = { team: 'поиск 検索' }
    const text = (await pagesOf(await statementPdf({ ...made, owner }))).join(' ')
    expect(text).toContain('поиск')
    expect(text).toContain('\\u{691c}\\u{7d22}')
    expect(text).toContain('are written as')
    expect(pdfText('Zoë & Søn “x” – 5 €')).toBe('Zoë & Søn “x” – 5 €')
    expect(pdfText('a\u202eb\u200bc\n')).toBe('a\\u{202e}b\\u{200b}c\\u{a}')
    const plain = (await pagesOf(await statementPdf(made))).join(' ')
    expect(plain).not.toContain('are written as')
  })
})
