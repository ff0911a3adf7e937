// What re-rating must remember across its own death: that corrections which were prepared are being entered, and of which months.
// Before that nothing of it can be seen, and nothing is remembered.

import { Fault } from '../kernel/fault.ts'
import type { FileLayer } from '../journal/file-layer.ts'

export type EnteringRerate = {
  readonly format: 1
  readonly rerate_id: string
  /** `YYYYMM`, UTC. */
  readonly months: readonly number[]
}

const FILE = 'rerate-state.json'

export async function loadRerateState(
  files: FileLayer,
  directory: string,
): Promise<EnteringRerate | null> {
  const bytes = await files.readWhole(`${directory}/${FILE}`)
  if (bytes === null) return null
  try {
    const state = JSON.parse(Buffer.from(bytes).toString('utf8')) as EnteringRerate
    if (state.format === 1) return state
  } catch (error) {
    throw damaged(directory, error)
  }
  throw damaged(directory, null)
}

/** Written beside and renamed, so that there is one whole state or none. */
export async function saveRerateState(
  files: FileLayer,
  directory: string,
  state: EnteringRerate,
): Promise<void> {
  const beside = `${directory}/${FILE}.tmp`
  await files.writeWhole(beside, Buffer.from(`${JSON.stringify(state)}\n`, 'utf8'))
  await files.rename(beside, `${directory}/${FILE}`)
  await files.syncDirectory(directory)
}

export async function clearRerateState(files: FileLayer, directory: string): Promise<void> {
  await files.remove(`${directory}/${FILE}`)
  await files.syncDirectory(directory)
}

function damaged(directory: string, cause: unknown): Fault {
  const message = `${directory}/${FILE} cannot be read; it says which months were being re-rated`
  return new Fault('rerate_state_damaged', message, { cause })
}
