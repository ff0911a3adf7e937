// The journal as a call uses it, on real files: room, opened line, settled line, each answered after its write, synced every
// 20 ms beside it. With one call in flight every line is a write of its own; with 32 a turn's lines share one.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeLine } from '../../packages/ledgerock/src/journal/line-codec.ts'
import { RECORD_BYTES_MAX } from '../../packages/ledgerock/src/journal/record.ts'
import { openJournal } from '../../packages/ledgerock/src/journal/writer.ts'
import type { JournalWriter } from '../../packages/ledgerock/src/journal/journal-writer.ts'
import { systemClock } from '../../packages/ledgerock/src/platform/clock.ts'
import { nodeFiles } from '../../packages/ledgerock/src/platform/node-files.ts'
import { currentProcess } from '../../packages/ledgerock/src/platform/process-identity.ts'
import { traffic, type TrafficCall } from '../at-rest/traffic.ts'
import type { Micro } from './micro.ts'

const SAMPLES = 512
const FROM_MS = Date.UTC(2026, 10, 10)
const CONCURRENCIES = [1, 32] as const
const PAUSE_MS = 5

export async function journalMicros(): Promise<{
  readonly micros: readonly Micro[]
  readonly close: () => Promise<void>
}> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-journal-'))
  const journal = await openJournal(
    { files: nodeFiles, clock: systemClock, random: randomBytes, process: currentProcess() },
    { dir: directory, nodeId: 'bench', role: 'worker-1' },
  )
  const samples = [...traffic(1, SAMPLES, FROM_MS, 60_000)]
  return {
    micros: [
      ...encodings(samples),
      ...CONCURRENCIES.map((inFlight) => ({
        name: `journal: a call, ${inFlight} in flight`,
        unit: 'µs',
        run: (times: number) => appendCalls(journal, samples, times, inFlight),
      })),
    ],
    async close() {
      await journal.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function encodings(samples: readonly TrafficCall[]): readonly Micro[] {
  const into = Buffer.alloc(RECORD_BYTES_MAX)
  const encode = (kind: 'opened' | 'settled'): Micro => ({
    name: `journal: encode the ${kind} line`,
    unit: 'µs',
    run(times) {
      for (let time = 0; time < times; time += 1) {
        encodeLine((samples[time % SAMPLES] as TrafficCall)[kind], into, 0)
      }
    },
  })
  return [encode('opened'), encode('settled')]
}

/** `times` calls, `inFlight` of them at a time, each from its reservation to the answer for its settled line. */
function appendCalls(
  journal: JournalWriter,
  samples: readonly TrafficCall[],
  times: number,
  inFlight: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let started = 0
    let ended = 0
    function end(error: Error | null): void {
      if (error !== null) return reject(error)
      ended += 1
      if (ended === times) resolve()
      else begin()
    }
    function begin(): void {
      if (started === times) return
      started += 1
      const { opened, settled } = samples[started % SAMPLES] as TrafficCall
      const reservation = journal.reserve()
      if (reservation === null) {
        // The next segment is still being prepared: the only wait a journal imposes.
        started -= 1
        setTimeout(begin, PAUSE_MS)
        return
      }
      const seq = journal.append(reservation, opened, (error) => {
        if (error !== null) return end(error)
        journal.append(reservation, { ...settled, opened: seq }, end)
      })
    }
    for (let call = 0; call < Math.min(inFlight, times); call += 1) begin()
  })
}
