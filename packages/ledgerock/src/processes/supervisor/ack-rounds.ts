// Rounds of telling: everybody is told something new, and who has it says so. A round ends when all it waits for have answered
// or are gone, and at the latest after the patience, with the names of both kinds.

import type { Peer } from './child.ts'
import type { Acks } from '../messages.ts'

/** Who has not answered by now is reported as missing; it keeps what it has. */
const ACK_PATIENCE_MS = 1_000

type Round<News> = {
  readonly news: News
  readonly waiting: Set<Peer>
  readonly acked: string[]
  readonly finish: () => void
}

export type AckRounds<News> = {
  /** Waits only for those that are ready: who is dead or starting begins with the newest. */
  readonly begin: (peers: readonly Peer[], news: News, finished: (acks: Acks) => void) => void
  /** `has`: whether what the peer says it has is this news, or newer. */
  readonly said: (peer: Peer, has: (news: News) => boolean) => void
  readonly gone: (peer: Peer) => void
}

export function createAckRounds<News>(): AckRounds<News> {
  const rounds = new Set<Round<News>>()

  function settle(peer: Peer, note: (round: Round<News>) => void): void {
    for (const round of rounds) {
      if (!round.waiting.has(peer)) continue
      note(round)
      if (round.waiting.size === 0) round.finish()
    }
  }

  return {
    begin(peers, news, finished) {
      const waiting = new Set(peers.filter((peer) => peer.ready() && peer.alive()))
      const acked: string[] = []
      const finish = (): void => {
        clearTimeout(timer)
        rounds.delete(round)
        finished({ acked, missing: [...waiting].map(({ name }) => name) })
      }
      const timer = setTimeout(finish, ACK_PATIENCE_MS)
      const round: Round<News> = { news, waiting, acked, finish }
      rounds.add(round)
      if (waiting.size === 0) finish()
    },
    said(peer, has) {
      settle(peer, (round) => {
        if (!has(round.news)) return
        round.waiting.delete(peer)
        round.acked.push(peer.name)
      })
    },
    gone(peer) {
      settle(peer, (round) => round.waiting.delete(peer))
    },
  }
}
