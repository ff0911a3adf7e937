// Waits for a gateway to hold nothing more: no place of a call, no body, no drain. What stays is a leak.

import { expect } from 'vitest'
import type { RunningGateway } from './running-gateway.ts'

/** For what happens within a turn or two of the event loop; the patience is for busy machines. */
export const SOON = { interval: 2, timeout: 10_000 } as const

export async function nothingHeld(gateway: Pick<RunningGateway, 'held'>): Promise<void> {
  await expect.poll(gateway.held, SOON).toEqual({ calls: 0, bodyBytes: 0, drains: 0 })
}
