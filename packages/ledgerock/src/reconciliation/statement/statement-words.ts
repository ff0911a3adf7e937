// A statement's figures and words as people read them. Dollars are shown to the cent: the exact figures are in the statement's data.

import { divideRoundHalfEven, parseUsd } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import type { Owner } from '../owner.ts'
import type { Section } from './statement-lines.ts'

const MONTHS =
  'January February March April May June July August September October November December'.split(' ')
const PICODOLLARS_PER_CENT = 10_000_000_000n

/** `2026-10` → `October 2026` */
export function periodWords(period: string): string {
  const [year = '', month = ''] = period.split('-')
  return `${MONTHS[Number(month) - 1] ?? month} ${year}`
}

export function ownerWords(owner: Owner | null): string {
  if (owner === null) return 'The whole bill'
  return Object.entries(owner)
    .map(([dimension, value]) => `${dimension.replaceAll('_', ' ')} ${value}`)
    .join(', ')
}

/** `1234567.891` → `1,234,567.89`. What is less than half a cent and not nothing says so. */
export function dollars(usd: string): string {
  const amount = mustOk(parseUsd(usd))
  const cents = divideRoundHalfEven(amount, PICODOLLARS_PER_CENT)
  if (cents === 0n && amount !== 0n) return amount < 0n ? '> -0.01' : '< 0.01'
  const digits = (cents < 0n ? 0n - cents : cents).toString().padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`
}

/** Every decimal there is, and two at least. */
export function exactDollars(usd: string): string {
  const [whole = '0', fraction = ''] = usd.split('.')
  return `${grouped(whole)}.${fraction.padEnd(2, '0')}`
}

export function grouped(digits: string): string {
  return digits.replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

/** `+12.3 %`; empty where there is nothing to compare with. */
export function change(now: string, before: string | null): string {
  if (before === null) return ''
  const [to, from] = [mustOk(parseUsd(now)) as bigint, mustOk(parseUsd(before)) as bigint]
  if (from === to) return '0.0 %'
  if (from <= 0n) return from === 0n ? 'new' : ''
  const tenths = divideRoundHalfEven((to - from) * 1_000n, from)
  const digits = (tenths < 0n ? 0n - tenths : tenths).toString().padStart(2, '0')
  return `${tenths < 0n ? '-' : '+'}${grouped(digits.slice(0, -1))}.${digits.slice(-1)} %`
}

/** `0.9981` → `99.81 %` */
export function percent(ratio: string): string {
  const hundredths = (mustOk(parseUsd(ratio)) as bigint) / 100_000_000n
  const digits = hundredths.toString().padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)} %`
}

export const SECTION_WORDS: Readonly<Record<Section, string>> = {
  application: 'application',
  feature: 'feature',
  workflow_id: 'workflow',
  tenant_id: 'tenant',
  model_id: 'model',
  day: 'day',
}

const RULES: Readonly<Record<string, string>> = {
  proportional: 'in proportion to own use',
  even: 'evenly among teams that used anything',
  fixed: 'by fixed shares',
  owner: 'to the owner it is for',
  apart: 'kept apart, charged to nobody',
}

export function ruleWords(rule: string): string {
  return rule
    .split(', ')
    .map((one) => RULES[one] ?? one)
    .join('; ')
}

/** `late_delivery` → `late delivery` */
export function plainWords(code: string): string {
  return code.replaceAll('_', ' ')
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
