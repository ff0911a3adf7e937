// A pause by a dimension that is declared no more would pause nobody, and nobody would notice: such a configuration is refused
// while the pause is in force.

import type { ProblemError } from '@ledgerock/contract'
import { KEY_FIELD, MODEL_FIELD, scopeText } from '../../governance/rule-scope.ts'
import type { DeclaredPolicy } from '../policy/declared-policy.ts'
import type { StoredPause } from '../store/pause-table.ts'

export function checkPausedFields(
  { dimensions }: Pick<DeclaredPolicy, 'dimensions'>,
  pauses: readonly StoredPause[],
): readonly ProblemError[] {
  const known = new Set([...dimensions.map(({ name }) => name), KEY_FIELD, MODEL_FIELD])
  return pauses.flatMap(({ scope }) =>
    Object.keys(scope)
      .filter((field) => !known.has(field))
      .map((field) => {
        const message = `${field} is gone, and ${scopeText(scope)} is paused by it; resume that first`
        return { path: 'dimensions', message }
      }),
  )
}
