// The process that makes load: it runs what it is told, one run at a time, and answers with what it counted. A process of its
// own, so that making load costs the measured process nothing but its share of the machine.

import { childArgument, tellParent } from '../child.ts'
import { runHttp1Connection } from './http1-connection.ts'
import { runHttp2Session } from './http2-session.ts'
import type { LoadSpec } from './load.ts'
import { Tally, type LoadResult } from './tally.ts'

async function run(spec: LoadSpec): Promise<LoadResult> {
  const url = new URL(spec.url)
  const tally = new Tally()
  let ending = false
  let started = 0
  const goOn = (): boolean => {
    if (ending || started >= spec.callsMax || tally.isFull) return false
    started += 1
    return true
  }
  // The structured clone of a Buffer is a plain Uint8Array.
  const shape = { ...spec.request, body: Buffer.from(spec.request.body) }
  const running = Array.from({ length: spec.connections }, () =>
    spec.protocol === 'h1'
      ? runHttp1Connection(url, shape, tally, goOn)
      : runHttp2Session(url, shape, spec.streams, tally, goOn),
  )
  const timers = [
    setTimeout(() => tally.begin(performance.now()), spec.warmupMs),
    setTimeout(() => {
      ending = true
    }, spec.warmupMs + spec.measureMs),
  ]
  await Promise.all(running)
  for (const timer of timers) clearTimeout(timer)
  return tally.result()
}

childArgument()
process.on('message', (message) => {
  run(message as LoadSpec).then(
    (result) => tellParent({ result }),
    (error: unknown) => tellParent({ error: String(error) }),
  )
})
tellParent({ url: 'ready' })
