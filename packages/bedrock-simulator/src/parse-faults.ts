// Reads the `--faults` flag: `throttle=0.05,cut=0.02@3,slow=0.05:50,latency=20..200`. Every fault of the text is reported in
// a message that names it.

import type { FaultPlan, FrameFault, LatencyDistribution } from './fault.ts'

export type ParsedFaults =
  | { readonly ok: true; readonly value: FaultPlan }
  | { readonly ok: false; readonly problem: string }

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

const PLAIN = ['throttle', 'error5xx', 'model_error', 'timeout', 'no_metadata'] as const
const AT_FRAME = ['midstream', 'cut', 'bad_crc'] as const
const NAMES: readonly string[] = [...PLAIN, ...AT_FRAME, 'slow', 'latency']

export function parseFaults(text: string): ParsedFaults {
  const plan: Mutable<FaultPlan> = {}
  const problems: string[] = []
  const seen = new Set<string>()
  for (const entry of text.split(',')) {
    const trimmed = entry.trim()
    if (trimmed === '') continue
    const equals = trimmed.indexOf('=')
    const name = equals === -1 ? trimmed : trimmed.slice(0, equals)
    const problem = seen.has(name)
      ? `${name} is given twice`
      : readEntry(plan, name, equals === -1 ? null : trimmed.slice(equals + 1))
    seen.add(name)
    if (problem !== null) problems.push(problem)
  }
  if (problems.length === 0) {
    const sum = probabilitySum(plan)
    if (sum > 1 + 1e-9) problems.push(`the probabilities add up to ${sum.toFixed(3)}, more than 1`)
  }
  return problems.length === 0
    ? { ok: true, value: plan }
    : { ok: false, problem: problems.join('; ') }
}

/** Null when the entry is read into the plan. */
function readEntry(plan: Mutable<FaultPlan>, name: string, value: string | null): string | null {
  if (!NAMES.includes(name)) return `unknown fault "${name}"; known: ${NAMES.join(', ')}`
  if (value === null) return `${name} needs a value, as in ${name}=${exampleOf(name)}`
  const wrong = `${name}=${value} is not understood; write it as ${name}=${exampleOf(name)}`
  const plain = PLAIN.find((known) => known === name)
  if (plain !== undefined) {
    const probability = probabilityOf(value)
    if (probability === null) return `${name}=${value} is not a probability from 0 to 1`
    plan[plain] = probability
    return null
  }
  const atFrame = AT_FRAME.find((known) => known === name)
  if (atFrame !== undefined) {
    const fault = frameFaultOf(value)
    if (fault === null) return wrong
    plan[atFrame] = fault
    return null
  }
  if (name === 'slow') {
    const [first = '', delay = '', ...rest] = value.split(':')
    const probability = probabilityOf(first)
    const delayMs = wholeOf(delay)
    if (probability === null || delayMs === null || rest.length > 0) return wrong
    plan.slow = { probability, delayMs }
    return null
  }
  const latency = latencyOf(value)
  if (latency === null) return wrong
  plan.latencyMs = latency
  return null
}

function exampleOf(name: string): string {
  if (name === 'latency') return '20..200'
  if (name === 'slow') return '0.05:50'
  return AT_FRAME.some((known) => known === name) ? '0.02@3' : '0.05'
}

function frameFaultOf(value: string): FrameFault | null {
  const [first = '', at, ...rest] = value.split('@')
  const probability = probabilityOf(first)
  const frame = at === undefined ? null : wholeOf(at)
  if (probability === null || rest.length > 0 || (at !== undefined && frame === null)) return null
  return { probability, frame }
}

function latencyOf(value: string): number | LatencyDistribution | null {
  const single = wholeOf(value)
  if (single !== null) return single
  const match = /^(\d+)\.\.(\d+)$/.exec(value)
  if (match === null) return null
  const p50 = Number(match[1])
  const p99 = Number(match[2])
  return p50 > 0 && p99 >= p50 ? { p50, p99 } : null
}

function probabilityOf(text: string): number | null {
  if (!/^\d*\.?\d+$/.test(text)) return null
  const value = Number(text)
  return value >= 0 && value <= 1 ? value : null
}

function wholeOf(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null
}

export function probabilitySum(plan: FaultPlan): number {
  let sum = plan.slow?.probability ?? 0
  for (const name of PLAIN) sum += plan[name] ?? 0
  for (const name of AT_FRAME) sum += plan[name]?.probability ?? 0
  return sum
}
