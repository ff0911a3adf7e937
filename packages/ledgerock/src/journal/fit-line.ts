// What a line loses when it is over its cap, least dear first, one step after another until it fits. The line says what it
// lost. Who made the call, what it used and what it cost are never among it.

import type { OpenedLine, SettledLine } from './line.ts'

/** In `attributes` of an opened line, and in `changes` of a settled one. */
export const DROPPED_MARK = 'journal_dropped'

const TEXT_CHARACTERS_MAX = 256

type OpenedStep = readonly [name: string, less: (line: OpenedLine) => OpenedLine]
type SettledStep = readonly [name: string, less: (line: SettledLine) => SettledLine]

const OPENED_STEPS: readonly OpenedStep[] = [
  ['attributes', (line) => ({ ...line, attributes: {} })],
  ['conflicts', (line) => ({ ...line, conflicts: [] })],
  ['provenance', (line) => ({ ...line, provenance: {} })],
  [
    'long_texts',
    (line) => ({
      ...line,
      logicalId: cut(line.logicalId),
      modelRequested: cut(line.modelRequested),
      inferenceProfile: line.inferenceProfile === null ? null : cut(line.inferenceProfile),
      traceId: line.traceId === null ? null : cut(line.traceId),
    }),
  ],
]

const SETTLED_STEPS: readonly SettledStep[] = [
  ['raw_usage', (line) => ({ ...line, rawUsage: null })],
  [
    'long_texts',
    (line) => ({
      ...line,
      errorType: line.errorType === null ? null : cut(line.errorType),
      awsRequestId: line.awsRequestId === null ? null : cut(line.awsRequestId),
      changes: line.changes.slice(0, 8).map((change) => change.slice(0, 64)),
    }),
  ],
  ['rate_ids', (line) => ({ ...line, charges: line.charges.map(withoutRateId) })],
]

/** The line with as little left out as makes `fits` true, or null. */
export function fitOpened(
  line: OpenedLine,
  fits: (line: OpenedLine) => boolean,
): OpenedLine | null {
  let less = line
  const dropped: string[] = []
  for (const [name, step] of OPENED_STEPS) {
    less = step(less)
    dropped.push(name)
    const marked = { ...less, attributes: { [DROPPED_MARK]: dropped.join(',') } }
    if (fits(marked)) return marked
  }
  return null
}

export function fitSettled(
  line: SettledLine,
  fits: (line: SettledLine) => boolean,
): SettledLine | null {
  let less = line
  const dropped: string[] = []
  for (const [name, step] of SETTLED_STEPS) {
    less = step(less)
    dropped.push(`${DROPPED_MARK}:${name}`)
    const marked = { ...less, changes: [...less.changes, ...dropped] }
    if (fits(marked)) return marked
  }
  return null
}

function cut(text: string): string {
  return text.length <= TEXT_CHARACTERS_MAX ? text : `${text.slice(0, TEXT_CHARACTERS_MAX)}…`
}

function withoutRateId(charge: SettledLine['charges'][number]): SettledLine['charges'][number] {
  return { ...charge, rateId: '' }
}
