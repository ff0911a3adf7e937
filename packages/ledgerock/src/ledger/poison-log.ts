// Calls that the store refuses for good are kept here, one JSON line each, and shipping goes on behind them: one record that
// cannot be held must not stop all others, and must not be lost either.

import type { CallRecord } from '@ledgerock/contract'
import type { FileLayer } from '../journal/file-layer.ts'

export type PoisonedCall = {
  readonly journal_id: string
  readonly seq: number
  readonly code: string
  readonly message: string
  readonly at: string
  /** Null where a settled line has lost its opened line, and with it most of the call. */
  readonly record: CallRecord | null
}

export type PoisonLog = {
  readonly add: (call: PoisonedCall) => Promise<void>
  readonly all: () => readonly PoisonedCall[]
}

const FILE = 'quarantine.ndjson'

export async function openPoisonLog(files: FileLayer, directory: string): Promise<PoisonLog> {
  const path = `${directory}/${FILE}`
  const bytes = await files.readWhole(path)
  const lines = bytes === null ? [] : Buffer.from(bytes).toString('utf8').split('\n')
  const calls = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as PoisonedCall)
  return {
    all: () => calls,
    add: async (call) => {
      const known = calls.some((one) => one.journal_id === call.journal_id && one.seq === call.seq)
      if (known) return
      calls.push(call)
      const text = calls.map((one) => `${JSON.stringify(one)}\n`).join('')
      await files.writeWhole(`${path}.tmp`, Buffer.from(text, 'utf8'))
      await files.rename(`${path}.tmp`, path)
      await files.syncDirectory(directory)
    },
  }
}
