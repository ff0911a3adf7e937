// Two hundred months of every sort against the truth beside their bills: owners, reasons and causes, to the picodollar.

import { describe, expect, it } from 'vitest'
import {
  causesSeen,
  reconciledVaried,
  wrongCauses,
  wrongOwners,
  wrongSums,
} from './testing/check-varied-month.ts'
import { TWISTS, variedMonth } from './testing/varied-month.ts'
import { CAUSES, type Cause } from './variance.ts'

const SEEDS = Array.from({ length: 200 }, (_, index) => index)

describe('two hundred varied months', () => {
  const seen = new Set<Cause>()

  it.each(SEEDS)('[R90] month %d: every told dollar, reason and cause', (seed) => {
    const month = variedMonth(seed)
    const reconciled = reconciledVaried(month)
    for (const cause of causesSeen(reconciled)) seen.add(cause)
    const wrong = {
      twist: month.twist,
      sums: wrongSums(month, reconciled),
      owners: wrongOwners(month, reconciled),
      causes: wrongCauses(month, reconciled),
    }
    expect(wrong).toEqual({ twist: month.twist, sums: [], owners: [], causes: [] })
  })

  it('[R90] has met every cause there is, and every twist several times', () => {
    expect([...seen].toSorted()).toEqual([...CAUSES].toSorted())
    expect(SEEDS.length / TWISTS.length).toBeGreaterThan(10)
  })
})
