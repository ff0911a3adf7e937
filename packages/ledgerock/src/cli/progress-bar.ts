// How far a download or an upload has come, as a bar on stderr. Bytes, because that is what both are counted in.

import progressBars from 'cli-progress'
import type { Progress } from './cli-io.ts'

/** The package is CommonJS: its names can only be taken from the whole. */
const { Format, SingleBar } = progressBars

const BAR_CHARACTERS = 30
const BYTES_PER_MIB = 1_048_576

export function showProgress(stream: NodeJS.WritableStream, what: string): Progress {
  let shown = what
  const bar = new SingleBar({
    stream,
    barsize: BAR_CHARACTERS,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    hideCursor: false,
    gracefulExit: false,
    format: (options, { progress, value, total }) => {
      // A total of zero stands for one that nobody knows.
      if (total === 0) return `${shown} ${mebibytes(value)}`
      return `${shown} ${Format.BarFormat(progress, options)} ${mebibytes(value)} of ${mebibytes(total)}`
    },
  })
  bar.start(0, 0)
  return {
    update: (done, total, part) => {
      shown = part === undefined ? what : `${what} ${part}`
      bar.setTotal(total ?? 0)
      bar.update(done)
    },
    stop: () => bar.stop(),
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / BYTES_PER_MIB).toFixed(1)} MiB`
}
