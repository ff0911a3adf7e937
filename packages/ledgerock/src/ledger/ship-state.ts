// What the shipper must remember across its own death: the bounds of the batch it is trying, saved before the first try, so that
// a retry after a crash is the same batch with the same token. How far it has come is not remembered here: the store knows.

import { Fault } from '../kernel/fault.ts'
import type { FileLayer } from '../journal/file-layer.ts'

/** Settled lines of one journal, by sequence number; `first` and `last` are inside. */
export type ShipRange = {
  readonly journal_id: string
  readonly first: number
  readonly last: number
}

export type PendingBatch = { readonly token: string; readonly ranges: readonly ShipRange[] }

export type ShipState = {
  readonly format: 1
  readonly pending: PendingBatch | null
  readonly shipped_calls: number
}

const EMPTY: ShipState = { format: 1, pending: null, shipped_calls: 0 }
const FILE = 'ship-state.json'

/** The same ranges always have the same token. */
export function tokenOf(ranges: readonly ShipRange[]): string {
  return ranges.map(({ journal_id, first, last }) => `${journal_id}:${first}-${last}`).join('+')
}

export async function loadShipState(files: FileLayer, directory: string): Promise<ShipState> {
  const bytes = await files.readWhole(`${directory}/${FILE}`)
  if (bytes === null) return EMPTY
  try {
    const state = JSON.parse(Buffer.from(bytes).toString('utf8')) as ShipState
    if (state.format === 1) return state
  } catch (error) {
    throw damaged(directory, error)
  }
  throw damaged(directory, null)
}

/** Written beside and renamed, so that there is always one whole state. */
export async function saveShipState(
  files: FileLayer,
  directory: string,
  state: ShipState,
): Promise<void> {
  const beside = `${directory}/${FILE}.tmp`
  await files.writeWhole(beside, Buffer.from(`${JSON.stringify(state)}\n`, 'utf8'))
  await files.rename(beside, `${directory}/${FILE}`)
  await files.syncDirectory(directory)
}

function damaged(directory: string, cause: unknown): Fault {
  const message = `${directory}/${FILE} cannot be read; without it the store decides`
  return new Fault('ship_state_damaged', message, { cause })
}
