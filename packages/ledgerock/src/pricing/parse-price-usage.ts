// Reads `input=1000,output=200`, the usage of `ledgerock price`. Every fault is reported, none is repaired.

import { isUsageKind, USAGE_KINDS, type UsageKind } from '@ledgerock/contract'
import { err, ok, type Result } from '../kernel/result.ts'
import type { Usage } from './usage.ts'

export function parsePriceUsage(text: string): Result<Usage, readonly string[]> {
  const usage: { [Kind in UsageKind]?: number } = {}
  const faults: string[] = []
  for (const part of text.split(',')) {
    const item = part.trim()
    const at = item.indexOf('=')
    if (at <= 0) {
      faults.push(`${JSON.stringify(item)} is not kind=N, as in input=1000`)
      continue
    }
    const kind = item.slice(0, at).trim()
    const count = item.slice(at + 1).trim()
    const fault = faultOf(kind, count, usage)
    if (fault !== null) faults.push(fault)
    else usage[kind as UsageKind] = Number(count)
  }
  return faults.length > 0 ? err(faults) : ok(usage)
}

function faultOf(kind: string, count: string, usage: Usage): string | null {
  if (!isUsageKind(kind)) {
    const kinds = [...USAGE_KINDS, 'text_units_<policy>'].join(', ')
    return `unknown usage kind ${JSON.stringify(kind)}; the kinds are ${kinds}`
  }
  if (usage[kind] !== undefined) return `${kind} is given twice`
  if (count.startsWith('-')) return `${kind}=${count}: a count cannot be negative`
  if (!/^\d+$/.test(count)) return `${kind}=${count}: a count is a whole number`
  return Number.isSafeInteger(Number(count)) ? null : `${kind}=${count}: too large`
}
