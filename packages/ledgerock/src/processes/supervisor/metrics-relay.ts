// Collects every process's metrics for the one `/metrics` page, which control serves.

import type { Peer } from './child.ts'
import type { MetricsReport } from '../messages.ts'

export type MetricsRelay = {
  readonly collect: (asker: Peer, id: number) => void
  readonly collected: (id: number, report: MetricsReport) => void
}

const PATIENCE_MS = 1_000

export function createMetricsRelay(sources: () => readonly Peer[]): MetricsRelay {
  const rounds = new Map<
    number,
    { reports: MetricsReport[]; expected: number; finish: () => void }
  >()

  return {
    collect(asker, id) {
      const asked = sources().filter((child) => child.ready() && child.alive())
      const reports: MetricsReport[] = []
      const finish = (): void => {
        clearTimeout(timer)
        if (rounds.delete(id)) asker.send({ kind: 'all-metrics', id, reports })
      }
      const timer = setTimeout(finish, PATIENCE_MS)
      rounds.set(id, { reports, expected: asked.length, finish })
      for (const child of asked) child.send({ kind: 'metrics', id })
      if (asked.length === 0) finish()
    },
    collected(id, report) {
      const round = rounds.get(id)
      if (round === undefined) return
      round.reports.push(report)
      if (round.reports.length === round.expected) round.finish()
    },
  }
}
