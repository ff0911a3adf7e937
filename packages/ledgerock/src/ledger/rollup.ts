// The sums the ledger keeps ready, and when they can answer. A rollup holds one row per hour or UTC day and combination of
// its dimensions; a question is answered from it where it holds every field asked for and where its grain fits the borders
// of the question's buckets. Everything else is summed over the calls themselves: slower, the same numbers.

import { MS_PER_DAY, MS_PER_HOUR } from '../kernel/time.ts'

export const ROLLUP_NAMES = [
  'spend_hour',
  'spend_day_feature',
  'spend_day_workflow_id',
  'spend_day_tenant_id',
  'spend_day_user_id',
] as const
export type RollupName = (typeof ROLLUP_NAMES)[number]

export type Rollup = {
  readonly name: RollupName
  readonly grain: 'hour' | 'day'
  readonly grainMs: number
  /** Names as in a question: dimensions and call fields. */
  readonly fields: readonly string[]
}

/** In order of preference. */
export const ROLLUPS: readonly Rollup[] = [
  {
    name: 'spend_hour',
    grain: 'hour',
    grainMs: MS_PER_HOUR,
    fields: [
      'team',
      'application',
      'environment',
      'cost_center',
      'model_id',
      'scope',
      'tier',
      'key_name',
    ],
  },
  perDay('spend_day_feature', 'feature'),
  perDay('spend_day_workflow_id', 'workflow_id'),
  perDay('spend_day_tenant_id', 'tenant_id'),
  perDay('spend_day_user_id', 'user_id'),
]

function perDay(name: RollupName, field: string): Rollup {
  return { name, grain: 'day', grainMs: MS_PER_DAY, fields: ['team', field] }
}

/** A stretch of time, `fromMs` inside and `toMs` outside, and where its sums come from. */
export type Segment = {
  readonly source: 'calls' | RollupName
  readonly fromMs: number
  readonly toMs: number
}

/**
 * Cuts [fromMs, toMs) into a middle that a rollup answers and the ragged ends, which are scanned; `borders` are the instants
 * where one bucket ends and the next begins.
 */
export function segmentsOf(
  fields: readonly string[],
  fromMs: number,
  toMs: number,
  borders: readonly number[],
): readonly Segment[] {
  for (const rollup of ROLLUPS) {
    if (!fields.every((field) => rollup.fields.includes(field))) continue
    const first = Math.ceil(fromMs / rollup.grainMs) * rollup.grainMs
    const last = Math.floor(toMs / rollup.grainMs) * rollup.grainMs
    if (first >= last) continue
    if (!borders.every((border) => border % rollup.grainMs === 0)) continue
    const segments: readonly Segment[] = [
      { source: 'calls', fromMs, toMs: first },
      { source: rollup.name, fromMs: first, toMs: last },
      { source: 'calls', fromMs: last, toMs },
    ]
    return segments.filter((segment) => segment.fromMs < segment.toMs)
  }
  return [{ source: 'calls', fromMs, toMs }]
}
