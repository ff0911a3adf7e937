import { describe, expect, it } from 'vitest'
import type { BillCellRow } from '../ledger/bill.ts'
import { exactOf } from './exact.ts'
import { lineOfCell, sortOf } from './line-of-cell.ts'
import { hour } from './testing/small-books.ts'

const ROW: BillCellRow = {
  payer_account: '111122223333',
  account_id: '222233334444',
  region: 'us-east-1',
  model_id: 'amazon.nova-pro-v1:0',
  kind: 'input',
  scope: 'in-region',
  tier: 'standard',
  long_context: false,
  variant: '',
  thing: 'usage',
  line_item_type: 'Usage',
  unmapped_reason: '',
  usage_type: 'USE1-NovaPro-input-tokens',
  principal: '',
  resource_id: '',
  tags: { 'iamPrincipal/team': 'search' },
  invoice_id: '',
  from: '2026-10-01T01:00:00Z',
  to: '2026-10-01T02:00:00Z',
  quantity: '1500',
  unblended_usd: '0.0012',
  net_usd: '0.000000000000000000000000000001',
  list_usd: '0',
  rows: 3,
}

describe('lineOfCell', () => {
  it('[R12] reads amounts exactly, and no public price as none', () => {
    expect(lineOfCell(ROW)).toMatchObject({
      fromMs: hour(1),
      toMs: hour(2),
      quantity: exactOf('1500'),
      unblended: exactOf('0.0012'),
      net: 1n,
      list: null,
      scope: 'in-region',
      rows: 3,
      payerId: '111122223333',
    })
    expect(lineOfCell({ ...ROW, list_usd: '0.0013' }).list).toBe(exactOf('0.0013'))
  })

  it('[R4] takes an empty text for nothing said', () => {
    const line = lineOfCell({ ...ROW, scope: '', tier: '', quantity: '' })
    expect([line.scope, line.tier, line.quantity]).toEqual([null, null, null])
  })

  it('[R4] has one text for a sort, however it is written', () => {
    expect(sortOf(false, 'up to 1024x1024, Standard')).toBe(
      sortOf(false, 'up-to-1024x1024_standard'),
    )
    expect(sortOf(true, 'anything')).toBe('long_context')
    expect(sortOf(false, '')).toBe('')
    expect(lineOfCell({ ...ROW, variant: 'up-to-1024x1024_standard' }).sort).toBe(
      'up to 1024x1024 standard',
    )
    expect(lineOfCell({ ...ROW, long_context: true }).sort).toBe('long_context')
  })
})
