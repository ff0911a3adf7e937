// Tells the processes that price calls (workers and ledger) that there is another price file, and control who has read it. The
// prices themselves go through the file: a book is megabytes.

import type { Peer } from './child.ts'
import { createAckRounds } from './ack-rounds.ts'

export type PriceRelay = {
  readonly publish: (control: Peer, id: number, version: string) => void
  readonly acknowledged: (peer: Peer, version: string) => void
  /** It may have read the file before the last publication: it is told again. */
  readonly ready: (peer: Peer) => void
  readonly died: (peer: Peer) => void
}

export function createPriceRelay(peers: () => readonly Peer[]): PriceRelay {
  const rounds = createAckRounds<string>()
  let latest: string | null = null
  return {
    publish(control, id, version) {
      latest = version
      for (const peer of peers()) peer.send({ kind: 'prices', version })
      rounds.begin(peers(), version, (acks) => control.send({ kind: 'prices-acks', id, acks }))
    },
    acknowledged(peer, version) {
      rounds.said(peer, (wanted) => wanted === version)
    },
    ready(peer) {
      if (latest !== null && peers().includes(peer)) peer.send({ kind: 'prices', version: latest })
    },
    died: rounds.gone,
  }
}
