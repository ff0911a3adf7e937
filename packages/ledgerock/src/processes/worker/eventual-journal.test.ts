import { describe, expect, it, vi } from 'vitest'
import type { JournalWriter } from '../../journal/journal-writer.ts'
import { openEventually } from './eventual-journal.ts'

describe('eventual journal', () => {
  it('[Z6] refuses while it cannot be made, and serves once it can', async () => {
    vi.useFakeTimers()
    const reservation = { stage: 'reserved' as const }
    const made = { journalId: 'j', reserve: () => reservation, close: () => Promise.resolve() }
    let disk: 'full' | 'free' = 'full'
    const failures: string[] = []
    const journal = await openEventually(
      () =>
        disk === 'full'
          ? Promise.reject(new Error('ENOSPC'))
          : Promise.resolve(made as unknown as JournalWriter),
      (reason) => failures.push(reason),
    )
    expect(journal.reserve()).toBeNull()
    expect(journal.status().state).toBe('full')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(failures).toEqual(['ENOSPC', 'ENOSPC'])
    disk = 'free'
    await vi.advanceTimersByTimeAsync(1_000)
    expect(journal.reserve()).toBe(reservation)
    expect(journal.journalId).toBe('j')
    await journal.close()
    vi.useRealTimers()
  })
})
