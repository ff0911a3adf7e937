// Processes of the benches' own: a server that says where it listens, or a task that answers once. Each ends with its parent,
// whatever way that ends.

import { fork, type ChildProcess } from 'node:child_process'

export type Server = {
  readonly url: string
  readonly pid: number
  readonly stop: () => Promise<void>
}

const READY_PATIENCE_MS = 20_000

export async function startServer(script: string, argument: unknown = null): Promise<Server> {
  const child = forkScript(script, argument)
  const { url } = (await nextMessage(child, script, READY_PATIENCE_MS)) as { url: string }
  return { url, pid: child.pid as number, stop: () => endChild(child) }
}

/** Runs a script to its one answer. */
export async function runTask<Answer>(
  script: string,
  argument: unknown,
  patienceMs: number,
): Promise<Answer> {
  const child = forkScript(script, argument)
  try {
    return (await nextMessage(child, script, patienceMs)) as Answer
  } finally {
    await endChild(child)
  }
}

export function forkScript(script: string, argument: unknown): ChildProcess {
  return fork(script, [JSON.stringify(argument)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
}

export function nextMessage(
  child: ChildProcess,
  what: string,
  patienceMs: number,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer)
      child.removeListener('message', onMessage)
      child.removeListener('exit', onExit)
      finish()
    }
    const onMessage = (message: unknown): void => settle(() => resolve(message))
    const onExit = (code: number | null): void =>
      settle(() => reject(new Error(`${what} ended with ${code}`)))
    const timer = setTimeout(
      () => settle(() => reject(new Error(`${what} said nothing for ${patienceMs} ms`))),
      patienceMs,
    )
    child.on('message', onMessage)
    child.on('exit', onExit)
  })
}

export function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

/** In the child: the argument it was started with. */
export function childArgument(): unknown {
  process.on('disconnect', () => process.exit(0))
  return JSON.parse(process.argv[2] ?? 'null') as unknown
}

/** In the child: the answer, or the address. */
export function tellParent(message: unknown): void {
  process.send?.(message)
}
