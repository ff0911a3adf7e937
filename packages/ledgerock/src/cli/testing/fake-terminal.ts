// A terminal and an API for tests of commands: what was printed and what was asked, without a process, a socket or a store.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Config } from '../../config.ts'
import type { CliDeps, UpOptions } from '../cli-deps.ts'
import { OutputClosed, type CliIo } from '../cli-io.ts'
import { runCli } from '../run-cli.ts'

export type Asked = { readonly method: string; readonly path: string; readonly body: unknown }

export type Ran = {
  readonly exitCode: number
  readonly out: string
  readonly notes: string
  readonly asked: readonly Asked[]
  /** Questions put to the person at the terminal. */
  readonly questions: readonly string[]
  /** What had a progress bar, and how far each came. */
  readonly progress: Readonly<Record<string, readonly [done: number, total: number | null]>>
}

export type FakeOptions = {
  readonly terminal?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly answer?: (asked: Asked) => Response
  readonly up?: (config: Config, options: UpOptions) => Promise<number>
  readonly demo?: CliDeps['demo']
  readonly openOffline?: CliDeps['openOffline']
  readonly outputClosed?: boolean
  /** What the person at the terminal answers; left out: nobody is there. */
  readonly confirm?: boolean
  /** Files to be there before the command runs, relative to the working and data directory. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly stop?: AbortSignal
  readonly cwd?: string
}

/** Runs one command line in an empty directory whose `data` exists, with no server running. */
export async function runFake(words: readonly string[], options: FakeOptions = {}): Promise<Ran> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ledgerock-cli-'))
  let out = ''
  let notes = ''
  const asked: Asked[] = []
  const questions: string[] = []
  const progress: Record<string, readonly [number, number | null]> = {}
  for (const [name, content] of Object.entries(options.files ?? {})) {
    writeFileSync(path.join(folder, name), content)
  }
  const io: CliIo = {
    out: (data) => {
      if (options.outputClosed === true) return Promise.reject(new OutputClosed())
      out += typeof data === 'string' ? data : Buffer.from(data).toString()
      return Promise.resolve()
    },
    note: (text) => {
      notes += text
    },
    outIsTerminal: options.terminal ?? false,
    confirm:
      options.confirm === undefined
        ? null
        : (question) => {
            questions.push(question)
            return Promise.resolve(options.confirm === true)
          },
    progress: (what) =>
      Promise.resolve({
        update: (done, total) => {
          progress[what] = [done, total]
        },
        stop: () => undefined,
      }),
    env: { LEDGEROCK_DATA_DIR: folder, ...options.env },
    cwd: options.cwd ?? folder,
    now: () => Date.parse('2026-10-14T12:00:00Z'),
    untilStopped: () => options.stop ?? new AbortController().signal,
  }
  const deps: CliDeps = {
    version: '1.2.3',
    up: options.up ?? (() => Promise.resolve(0)),
    demo: options.demo ?? (() => Promise.resolve(0)),
    startingPatienceMs: 0,
    openOffline:
      options.openOffline ??
      (() =>
        Promise.resolve({
          request: async (route, init) => {
            const text = await new Response(init?.body ?? null).text()
            const question = { method: init?.method ?? 'GET', path: route, body: readable(text) }
            asked.push(question)
            return options.answer?.(question) ?? Response.json({})
          },
          close: () => Promise.resolve(),
        })),
  }
  try {
    const exitCode = await runCli(words, io, deps)
    return { exitCode, out, notes, asked, questions, progress }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** JSON as its value, other text as it is, nothing as null. */
function readable(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
