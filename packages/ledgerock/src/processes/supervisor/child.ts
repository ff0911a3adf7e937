// One child process of the supervisor: started from the same entry file with a role, fed its start message, watched, and
// started again with growing pauses when it dies unasked.

import { fork, type ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Logger } from '../../platform/logging.ts'
import type { FromChild, StartMessage, ToChild } from '../messages.ts'

export const ROLE_ARGUMENT = '--ledgerock-role'

const RESTART_PAUSE_FIRST_MS = 50
const RESTART_PAUSE_MAX_MS = 5_000
/** A child that lived this long has recovered: the next pause is short again. */
const LIVED_LONG_MS = 10_000

export type Environment = Readonly<Record<string, string | undefined>>

/** The database engine's connections each hold a thread of libuv's pool while they work; files need some too. */
const ROLE_ENVIRONMENT: Partial<Record<StartMessage['role'], Environment>> = {
  ledger: { UV_THREADPOOL_SIZE: '8' },
}

export type ChildEvents = {
  readonly onMessage: (message: FromChild) => void
  readonly onExit: () => void
}

/** A child as those see it who only talk to it. */
export type Peer = Pick<Child, 'name' | 'ready' | 'alive' | 'send'>

export class Child {
  readonly name: string
  readonly role: StartMessage['role']
  readonly #logger: Logger
  readonly #entry: string
  readonly #environment: Environment
  readonly #start: () => StartMessage
  readonly #events: ChildEvents
  readonly #whenGone: (() => void)[] = []
  #process: ChildProcess | null = null
  #ready = false
  #stopping = false
  #pauseMs = RESTART_PAUSE_FIRST_MS

  constructor(
    logger: Logger,
    entry: string,
    environment: Environment,
    start: () => StartMessage,
    events: ChildEvents,
  ) {
    const { name, role } = start()
    this.name = name
    this.role = role
    this.#logger = logger
    this.#entry = entry
    this.#environment = environment
    this.#start = start
    this.#events = events
  }

  alive(): boolean {
    return this.#process?.connected === true
  }

  ready(): boolean {
    return this.#ready
  }

  run(): void {
    const startedAt = performance.now()
    const child = fork(this.#entry, [ROLE_ARGUMENT, this.role], {
      env: { ...this.#environment, ...ROLE_ENVIRONMENT[this.role] },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // A child must not get the signals of the terminal: the supervisor decides the order of ending.
      detached: process.platform !== 'win32',
    })
    this.#process = child
    child.on('message', (message) => {
      const said = message as FromChild
      if (said.kind === 'ready') this.#ready = true
      if (said.kind === 'leaving') this.#ready = false
      this.#events.onMessage(said)
    })
    child.on('error', (error) =>
      this.#logger.error({ child: this.name, reason: error.message }, 'child_error'),
    )
    child.on('exit', (code, signal) => {
      this.#process = null
      this.#ready = false
      for (const resolve of this.#whenGone.splice(0)) resolve()
      this.#events.onExit()
      if (!this.#stopping) this.#runAgain(performance.now() - startedAt, code, signal)
    })
    this.send(this.#start())
  }

  send(message: ToChild, socket?: Socket, done?: (error: Error | null) => void): void {
    if (this.#process?.connected !== true) {
      done?.(new Error(`${this.name} is not running`))
      return
    }
    this.#process.send(message, socket, { keepOpen: true }, (error) => done?.(error))
  }

  /** Asks the child to end and resolves when it is gone; killed after `patienceMs`. */
  stop(message: ToChild, patienceMs: number): Promise<void> {
    this.#stopping = true
    const child = this.#process
    if (child === null) return Promise.resolve()
    return new Promise((resolve) => {
      this.#whenGone.push(resolve)
      setTimeout(() => child.kill('SIGKILL'), patienceMs).unref()
      this.send(message)
    })
  }

  #runAgain(livedMs: number, code: number | null, signal: NodeJS.Signals | null): void {
    if (livedMs > LIVED_LONG_MS) this.#pauseMs = RESTART_PAUSE_FIRST_MS
    const pauseMs = this.#pauseMs
    this.#pauseMs = Math.min(pauseMs * 2, RESTART_PAUSE_MAX_MS)
    const fields = { child: this.name, code, signal, restart_in_ms: pauseMs }
    this.#logger.warn(fields, 'child_died')
    setTimeout(() => {
      if (!this.#stopping) this.run()
    }, pauseMs)
  }
}
