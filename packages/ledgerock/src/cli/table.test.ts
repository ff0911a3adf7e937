import { describe, expect, it } from 'vitest'
import { grouped, renderTable, visible } from './table.ts'

describe('renderTable', () => {
  it('aligns words left and numbers right, and sets the total apart', () => {
    const columns = [
      { name: 'team', align: 'left' },
      { name: 'calls', align: 'right' },
      { name: 'cost_usd', heading: 'cost USD', align: 'right' },
    ] as const
    const rows = [
      { team: 'search', calls: 1234, cost_usd: '1.5' },
      { team: 'r&d', calls: 7, cost_usd: null },
    ]
    const total = { team: 'total', calls: 1241, cost_usd: '1.5' }
    expect(renderTable(columns, rows, total)).toBe(
      [
        'team    calls  cost USD',
        'search  1,234       1.5',
        'r&d         7         -',
        '───────────────────────',
        'total   1,241       1.5',
        '',
      ].join('\n'),
    )
  })

  it('[U6] shows control characters instead of sending them', () => {
    expect(visible('\u001b[2Ja\u202eb\n')).toBe('\\u{1b}[2Ja\\u{202e}b\\u{a}')
    const text = renderTable([{ name: 'x', align: 'left' }], [{ x: '\u001b]0;t\u0007' }])
    expect(text).toBe('x\n\\u{1b}]0;t\\u{7}\n')
  })

  it.each([
    [0, '0'],
    [999, '999'],
    [1_234_567, '1,234,567'],
    [-1234.5, '-1,234.5'],
  ])('groups %d', (value, expected) => {
    expect(grouped(value)).toBe(expected)
  })
})
