// The real terminal: stdout, stderr, environment and signals of this process.

import { createInterface } from 'node:readline'
import { OutputClosed, type CliIo } from './cli-io.ts'

export function processIo(): CliIo {
  let closed = false
  const { stdin, stdout, stderr } = process
  // Without a listener a reader that went away would end the process with a stack trace.
  stdout.on('error', () => {
    closed = true
  })
  stderr.on('error', () => undefined)
  return {
    out: (data) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(new OutputClosed())
          return
        }
        stdout.write(data, (error) => {
          if (error === null || error === undefined) resolve()
          else reject(new OutputClosed())
        })
      }),
    note: (text) => {
      stderr.write(text)
    },
    outIsTerminal: stdout.isTTY,
    confirm: stdin.isTTY && stderr.isTTY ? askPerson : null,
    progress: async (what) => {
      if (!stderr.isTTY) return { update: () => undefined, stop: () => undefined }
      const { showProgress } = await import('./progress-bar.ts')
      return showProgress(stderr, what)
    },
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

/** Anything but a yes is a no; so are Ctrl-C and Ctrl-D. */
function askPerson(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  return new Promise((resolve) => {
    lines.once('SIGINT', () => lines.close())
    lines.once('close', () => resolve(false))
    lines.question(`${question} [y/N] `, (answer) => {
      resolve(/^y(es)?$/i.test(answer.trim()))
      lines.close()
    })
  })
}
