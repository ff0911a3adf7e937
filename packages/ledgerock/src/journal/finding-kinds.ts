// Which damage may have swallowed a line that was answered as safe. A torn end alone has not: no line of a write that did not end was
// answered.

import type { Finding } from './reader.ts'

export function hidesLines({ kind }: Finding): boolean {
  return kind !== 'tail_cut'
}
