// The machine's clocks. Only composition roots use this; everything else takes a `Clock`.

import type { Clock } from '../kernel/time.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}
