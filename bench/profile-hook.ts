// Preloaded into every process of a profiled Ledgerock (`NODE_OPTIONS=--import`); only in a gateway worker it does something: the
// signal SIGUSR2 starts the CPU profiler, the next one stops it and writes what it saw.

import { renameSync, writeFileSync } from 'node:fs'
import { Session, type Profiler } from 'node:inspector'
import { env } from 'node:process'

const SAMPLING_INTERVAL_US = 200
const directory = env['BENCH_PROFILE_DIRECTORY']

if (directory !== undefined && process.argv.includes('worker')) {
  const session = new Session()
  session.connect()
  let profiles = 0
  let isRunning = false
  const note = (name: string, text: string): void => {
    writeFileSync(`${directory}/${name}.part`, text)
    renameSync(`${directory}/${name}.part`, `${directory}/${name}`)
  }
  process.on('SIGUSR2', () => {
    if (isRunning) {
      isRunning = false
      session.post('Profiler.stop', (error, stopped: Profiler.StopReturnType) => {
        if (error === null) note(`${profiles}.cpuprofile`, JSON.stringify(stopped.profile))
      })
      return
    }
    isRunning = true
    profiles += 1
    session.post('Profiler.enable')
    session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US })
    session.post('Profiler.start', () => note(`${profiles}.started`, ''))
  })
}
