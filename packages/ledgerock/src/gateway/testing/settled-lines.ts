// Waits for the journal of a gateway to hold whole calls.

import type { RunningGateway } from './running-gateway.ts'

type Lines = ReturnType<RunningGateway['lines']>

/** The calls the journal gained after the first `seen` ones, once there are `count` of them and all are settled. */
export async function settledLines(
  gateway: Pick<RunningGateway, 'lines'>,
  seen: number,
  count = 1,
): Promise<Lines> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const lines = gateway.lines().slice(seen)
    if (lines.length >= count && lines.every((line) => line.settled !== null)) return lines
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`not settled: ${gateway.lines().length - seen} calls`)
}
