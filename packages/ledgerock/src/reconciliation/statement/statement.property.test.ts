// Statements of simulated months: whatever the dimension, they add up to the bill, and none of them holds another owner's figure.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { formatUsd, parseUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import type { Owner } from '../owner.ts'
import { statementOf, type StatementContent } from './statement.ts'
import { LINE_DIMENSIONS, SECTIONS, valueOf } from './statement-lines.ts'
import { adjustmentOf, inputOf, reconciledOf, statedOf } from '../testing/stated-month.ts'

const SEEDS = [1, 2, 3, 4, 5, 6]
const months = new Map(SEEDS.map((seed) => [seed, reconciledOf(seed)] as const))
const monthOf = (seed: number) => months.get(seed) ?? reconciledOf(seed)
const DIMENSIONS = ['team', ...LINE_DIMENSIONS]
const usd = (text: string): Picodollars => mustOk(parseUsd(text))
const sum = (texts: readonly string[]): Picodollars => sumMoney(texts.map(usd))
const isOwned = ({ basis }: { readonly basis: string }): boolean => basis !== 'unattributed'

const OUTCOMES = [
  { name: 'documents', quantity: '0', value_usd: null },
  { name: 'tickets_solved', quantity: '1204.5', value_usd: '9000' },
]

describe('a statement beside what came of it', () => {
  it('[R61] divides own use and shared costs, not what was adjusted for others', () => {
    const reconciled = reconciledOf(1)
    for (const owner of [null, { team: 'search' }]) {
      const stated = statedOf(reconciled, [adjustmentOf('search', 7n)])
      const made = statementOf(inputOf(stated, { owner, outcomes: OUTCOMES }))
      const cost = (usd(made.usage_usd) + usd(made.shared_usd)) as Picodollars
      if (owner === null) expect(formatUsd(cost)).toBe(made.tie_out.bill_usd)
      const [none, solved] = made.outcomes
      expect(none).toEqual({ ...OUTCOMES[0], cost_usd: formatUsd(cost), usd_per_unit: null })
      expect(solved).toMatchObject({ ...OUTCOMES[1], cost_usd: formatUsd(cost) })
      // Times how many there were it is the cost, within half a picodollar for each.
      const away = usd(solved?.usd_per_unit ?? '0') * 12_045n - cost * 10n
      expect(away < 0n ? -away : away).toBeLessThanOrEqual(12_045n / 2n)
    }
  })
})

describe('statements of a month', () => {
  it.each(SEEDS)('[R30] add up to the bill at every level: seed %d', (seed) => {
    const reconciled = monthOf(seed)
    const { shares, bill, apart, unattributed } = reconciled
    const stated = statedOf(reconciled, [adjustmentOf('search', 5n), adjustmentOf('support', -3n)])
    expect(bill).toBeGreaterThan(0n)
    expect(apart).not.toBe(0n)
    for (const dimension of DIMENSIONS) {
      const values = [
        ...new Set(shares.filter(isOwned).map(({ owner }) => valueOf(owner, dimension))),
      ]
      const parts = values.map((value) =>
        statementOf(inputOf(stated, { owner: { [dimension]: value } })),
      )
      const charged = sum(parts.flatMap((part) => [part.usage_usd, part.shared_usd]))
      expect(charged + apart + unattributed).toBe(bill)
    }
    const whole = statementOf(inputOf(stated))
    expect(sum([whole.usage_usd, whole.shared_usd])).toBe(bill)
    expect(usd(whole.total_usd)).toBe(bill + 2n)
    expect(whole.tie_out).toEqual({
      bill_usd: formatUsd(bill),
      sum_usd: formatUsd(bill),
      difference_usd: '0',
    })
  })

  it.each(SEEDS)(
    '[R31] come to their total by lines, shared costs, adjustments: seed %d',
    (seed) => {
      const stated = statedOf(monthOf(seed), [adjustmentOf('search', 7n)])
      for (const owner of [null, { team: 'search' }, { team: 'support' }]) {
        const made = statementOf(inputOf(stated, { owner }))
        const lines = sum(made.lines.map((line) => line.billed_usd))
        expect(lines).toBe(usd(made.usage_usd))
        for (const section of SECTIONS)
          expect(sum(made.by[section].map((row) => row.usd))).toBe(lines)
        expect(sum(made.shared.map((row) => row.amount_usd))).toBe(usd(made.shared_usd))
        expect(sum(made.adjustments.map((row) => row.amount_usd))).toBe(usd(made.adjustments_usd))
        expect(sum([made.usage_usd, made.shared_usd, made.adjustments_usd])).toBe(
          usd(made.total_usd),
        )
        const { metered_usd: metered, difference_usd: difference } = made.variance
        expect(sum([metered, difference])).toBe(lines)
      }
    },
  )

  it('[R31] list every team of the whole as its own statement has it', () => {
    const stated = statedOf(monthOf(1), [adjustmentOf('search', 7n)])
    const input = inputOf(stated, { previous: statedOf(monthOf(2)) })
    const whole = statementOf(input)
    expect(whole.owners?.length).toBeGreaterThan(3)
    for (const row of whole.owners ?? []) {
      const { usage_usd, shared_usd, adjustments_usd, total_usd, previous_total_usd } = statementOf(
        {
          ...input,
          owner: row.owner,
        },
      )
      const totals = { usage_usd, shared_usd, adjustments_usd, total_usd, previous_total_usd }
      expect(row).toEqual({ owner: row.owner, ...totals })
    }
  })

  it('[R32] of an owner do not change with what others did', () => {
    const { shares, ...rest } = monthOf(3)
    const owner: Owner = { team: 'search' }
    const others = shares.filter((share) => share.owner['team'] !== 'search')
    const [one, ...more] = others
    expect(one).toBeDefined()
    const tripled = others.map((share) => ({ ...share, usd: (share.usd * 3n) as Picodollars }))
    const added = sumMoney(others.map((share) => (share.usd * 2n) as Picodollars))
    const mine = shares.filter((share) => share.owner['team'] === 'search')
    const before = statementOf(inputOf(statedOf({ shares, ...rest }), { owner }))
    const bill = (rest.bill + added) as Picodollars
    const changed = { ...rest, bill, shares: [...tripled, ...mine] }
    const after = statementOf(inputOf(statedOf(changed), { owner }))
    expect(withoutBill(after)).toEqual(withoutBill(before))
    expect(after.tie_out).not.toEqual(before.tie_out)
    const text = JSON.stringify(before)
    for (const { owner: other } of more)
      if (other['team'] !== undefined) expect(text).not.toContain(`"${other['team']}"`)
    expect(before.owners).toBeNull()
    expect(before.unattributed).toBeNull()
    expect(text).not.toContain('"unattributed",')
  })

  it('[R33] are the same whatever the order of what they are made of', () => {
    const reconciled = monthOf(4)
    const adjustments = [adjustmentOf('search', 5n), adjustmentOf('support', -3n)]
    const made = statementOf(inputOf(statedOf(reconciled, adjustments)))
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (dice) => {
        const key = () => dice.next().value as number
        const shares = reconciled.shares
          .map((share) => [key(), share] as const)
          .toSorted(([left], [right]) => left - right)
          .map(([, share]) => share)
        const mixed = statedOf({ ...reconciled, shares }, adjustments.toReversed())
        expect(JSON.stringify(statementOf(inputOf(mixed)))).toBe(JSON.stringify(made))
      }),
      { numRuns: 5 },
    )
  })

  it('[R30] refuse what does not add up', () => {
    const stated = statedOf(monthOf(1))
    const [, ...fewer] = stated.shares
    expect(() => statementOf(inputOf({ ...stated, shares: fewer }))).toThrow('add up')
  })

  it('[R31] charge adjustments that concern nobody to the whole only', () => {
    const nobodys = { owner: {}, basis: 'unattributed', adjustmentId: 'adj-x' }
    const apart = { owner: {}, basis: 'apart', pool: 'tax', adjustmentId: 'adj-y' }
    const stated = statedOf(monthOf(1), [
      adjustmentOf('', 5n, nobodys),
      adjustmentOf('', 6n, apart),
    ])
    expect(statementOf(inputOf(stated)).adjustments).toHaveLength(2)
    const unknown = statementOf(inputOf(stated, { owner: { team: 'unknown' } }))
    expect(unknown.adjustments).toEqual([])
  })
})

function withoutBill({ tie_out: _tie, ...rest }: StatementContent): unknown {
  return rest
}
