import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { watchEventLoop } from './event-loop-delay.ts'

it('[Y25] reports by how much a timer was late, by the clock it was given', async () => {
  let now = 1_000
  const seen: number[] = []
  const watch = watchEventLoop(
    () => now,
    (delayMs) => seen.push(delayMs),
  )
  // The clock says that 800 ms have passed when the timer of 50 ms fires.
  now += 800
  while (seen.length === 0) await setImmediate()
  watch.stop()
  expect(seen[0]).toBe(750)
})
