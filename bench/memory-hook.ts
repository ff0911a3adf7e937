// Preloaded into every process of a Ledgerock whose memory is measured; only in a gateway worker it does something: on SIGUSR2 it
// collects its garbage and writes what is left.

import { renameSync, writeFileSync } from 'node:fs'
import { env } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const directory = env['BENCH_MEMORY_DIRECTORY']

if (directory !== undefined && process.argv.includes('worker')) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let times = 0
  process.on('SIGUSR2', () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    times += 1
    writeFileSync(`${directory}/${times}.part`, JSON.stringify({ heapUsed, external }))
    renameSync(`${directory}/${times}.part`, `${directory}/${times}.json`)
  })
}
