// The real terminal: stdout, stderr, environment and signals of this process.

import { OutputClosed, type CliIo } from './cli-io.ts'

export function processIo(): CliIo {
  let closed = false
  const { stdout, stderr } = process
  // Without a listener a reader that went away would end the process with a stack trace.
  stdout.on('error', () => {
    closed = true
  })
  stderr.on('error', () => undefined)
  return {
    out: (text) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(new OutputClosed())
          return
        }
        stdout.write(text, (error) => {
          if (error === null || error === undefined) resolve()
          else reject(new OutputClosed())
        })
      }),
    note: (text) => {
      stderr.write(text)
    },
    outIsTerminal: stdout.isTTY,
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
    untilStopped: () => {
      const stop = new AbortController()
      const onSignal = (): void => stop.abort()
      process.once('SIGINT', onSignal)
      process.once('SIGTERM', onSignal)
      return stop.signal
    },
  }
}
