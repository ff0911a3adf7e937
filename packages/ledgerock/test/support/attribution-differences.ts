// Where a row's owner differs from what the traffic meant: dimensions, where each value came from, and what was contradicted.

import { DIMENSIONS } from './traffic-attribution.ts'
import type { Witnessed } from './witnessed.ts'

export function attributionDifferences({ attempt, row }: Witnessed): string[] {
  if (row === null) return []
  const { intent, keyName } = attempt.planned
  const found: string[] = []
  if (row.key_name !== keyName) found.push(`key ${row.key_name}, not ${keyName}`)
  for (const dimension of DIMENSIONS) {
    if (intent.refused && dimension === 'feature') {
      if (row['feature'] !== 'unknown') found.push(`refused, but feature ${String(row['feature'])}`)
      continue
    }
    const is = `${String(row[dimension])} (${row.provenance[dimension] ?? 'unknown'})`
    const meant = `${intent.dimensions[dimension]} (${intent.provenance[dimension]})`
    if (is !== meant) found.push(`${dimension} is ${is}, not ${meant}`)
  }
  const conflicts = row.conflicts.map(({ dimension, ignored }) => `${dimension}: ${ignored}`)
  if (conflicts.toSorted().join() !== intent.conflicts.join()) {
    found.push(`conflicts [${conflicts.join()}], not [${intent.conflicts.join()}]`)
  }
  return found
}
