// A synthetic month has everything a bill can have, and the truth beside it is whole.

import { describe, expect, it } from 'vitest'
import type { Reason, TruthPart, TruthRow } from './bill-truth.ts'
import { RULES, THINGS } from './bill-truth.ts'
import { decimalText } from './exact.ts'
import { gatewaySession } from './month-callers.ts'
import { simulateMonth, type Month } from './simulate-month.ts'
import { writeBill, type Bill } from './write-bill.ts'

const DECIMALS = 40

function fine(text: string): bigint {
  const [, sign = '', whole = '', decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  return BigInt(`${sign}${whole}${decimals.padEnd(DECIMALS, '0')}`)
}

function months(seeds: number): readonly (readonly [Month, Bill])[] {
  return Array.from({ length: seeds }, (_, index) => {
    const month = simulateMonth({ seed: index + 1 })
    return [month, writeBill(month)] as const
  })
}

const MONTHS = months(8)
const parts = (bill: Bill): readonly (readonly [TruthRow, TruthPart])[] =>
  bill.truth.flatMap((row) => row.parts.map((part) => [row, part] as const))

describe('simulateMonth', () => {
  it('[S32] bills in all four schemes, on the Marketplace and beside it, in every month', () => {
    for (const [, { rows }] of MONTHS) {
      const types = rows.map((row) => row.line_item_usage_type)
      expect(types.some((type) => /^[A-Z0-9]+-(Nova|Claude|gpt)[^:]*-input-token/.test(type))).toBe(
        true,
      )
      expect(types.some((type) => /-mantle-.*-(standard|flex)$/.test(type))).toBe(true)
      expect(types.some((type) => /MP:[A-Z0-9]+_InputTokenCount.*-Units$/.test(type))).toBe(true)
      expect(types.some((type) => /MP:[A-Z0-9]+_input_tokens_.*-Units$/.test(type))).toBe(true)
    }
  })

  it('[S33] has a truth for every line, whose parts add up to it', () => {
    for (const [, { rows, truth }] of MONTHS) {
      expect(truth).toHaveLength(rows.length)
      for (const [place, row] of rows.entries()) {
        const true_ = truth[place]
        expect(true_?.lineItemId).toBe(row.identity_line_item_id)
        const all = true_?.parts ?? []
        const sum = (texts: readonly string[]): string =>
          decimalText(
            texts.reduce((left, text) => left + fine(text), 0n),
            DECIMALS,
          )
        expect(sum(all.map(({ usd }) => usd))).toBe(row.line_item_unblended_cost)
        expect(sum(all.map(({ netUsd }) => netUsd))).toBe(row.line_item_net_unblended_cost)
        for (const part of all) {
          expect(part.determinable).toBe(part.rule !== null)
          expect(part.rule === null).toBe(part.reason !== null)
        }
      }
    }
  })

  it('[S33] counts every call’s tokens once, under its true owner', () => {
    for (const [month, bill] of MONTHS) {
      const expected = new Map<string, bigint>()
      const add = (to: Map<string, bigint>, key: string, value: bigint): void => {
        to.set(key, (to.get(key) ?? 0n) + value)
      }
      for (const { owner, modelId, usage } of month.calls) {
        if (usage.output > 0) {
          add(expected, `${owner?.['team']} ${modelId}`, BigInt(usage.output))
        }
      }
      const told = new Map<string, bigint>()
      for (const [{ modelId, kind }, { owner, quantity }] of parts(bill)) {
        if (kind === 'output') add(told, `${owner?.['team']} ${modelId}`, quantity)
      }
      expect(told).toEqual(expected)
    }
  })

  it('[S33] lets 97 dollars of 100 be told in every month, also of what is used', () => {
    for (const [{ options }, bill] of MONTHS) {
      const used = parts(bill).filter(([{ thing }]) => thing === 'usage')
      const dollars = (all: readonly (readonly [TruthRow, TruthPart])[]): number =>
        all.reduce((sum, [, { usd }]) => sum + Number(usd), 0)
      const share = dollars(used.filter(([, { determinable }]) => determinable)) / dollars(used)
      expect(share, `seed ${options.seed}`).toBeGreaterThanOrEqual(0.97)
      expect(share).toBeLessThan(1)
    }
  })

  it('[S33] shows every rule and every way of not knowing, and every thing', () => {
    const rules = new Set<string | null>()
    const reasons = new Set<Reason | null>()
    const things = new Set<string>()
    for (const [, bill] of MONTHS) {
      for (const [{ thing }, { rule, reason, evidence }] of parts(bill)) {
        rules.add(rule)
        for (const each of evidence) rules.add(each.rule)
        reasons.add(reason)
        things.add(thing)
      }
    }
    expect(rules).toEqual(new Set([...RULES, 'pool', null]))
    const common: readonly Reason[] = [
      'unmetered',
      'shared_role',
      'empty_principal',
      'root',
      'no_owner',
      'estimate',
      'unmapped_usage_type',
    ]
    expect([...reasons]).toEqual(expect.arrayContaining([...common]))
    expect(things).toEqual(new Set(THINGS))
  })

  it('[S33] tells what is known wrongly: a tag that AWS still shows', () => {
    const lagging = MONTHS.flatMap(([, { truth }]) =>
      truth.filter(({ causes }) => causes.includes('tag_lag')),
    )
    expect(lagging.length).toBeGreaterThan(0)
    for (const { parts: all } of lagging) {
      for (const { evidence, rule } of all) {
        expect(evidence.find((each) => each.rule === 'principal_tag')?.isRight).toBe(false)
        expect(rule).toBe('owner_rule')
      }
    }
  })

  it('[S33] says of each class of principal what tells it', () => {
    const [, bill] = MONTHS[0] ?? []
    const rulesOf = (principal: string): Set<string | null> =>
      new Set(
        (bill?.rows ?? []).flatMap((row, place) =>
          row.line_item_iam_principal === principal
            ? (bill?.truth[place]?.parts ?? []).map(({ rule, reason }) => rule ?? reason)
            : [],
        ),
      )
    expect(rulesOf(gatewaySession('search'))).toEqual(new Set(['gateway_session']))
    expect(rulesOf('arn:aws:iam::222233334444:user/BedrockAPIKey-234s')).toEqual(
      new Set(['owner_rule']),
    )
    expect(rulesOf('arn:aws:sts::222233334444:assumed-role/ml-shared/worker')).toEqual(
      new Set(['metered', 'shared_role']),
    )
    expect(rulesOf('arn:aws:iam::222233334444:root')).toEqual(new Set(['root']))
  })
})
