// What was learned about inference profiles, kept in a file, so that a restarted gateway prices its first call. Several workers
// share it: each adds what it learned to what is there. It is a convenience: a file that is damaged, or of a format of another
// day, is reported and read as empty, and one that cannot be written costs nothing but a question to AWS after the next start.

import { readFileSync } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { isProfileArn, MODEL_ID } from './profile-model.ts'

export type ProfileMemory = {
  /** ARN → model id. */
  readonly load: () => ReadonlyMap<string, string>
  readonly keep: (learned: ReadonlyMap<string, string>) => Promise<void>
}

const FORMAT = 'ledgerock-inference-profiles'
const VERSION = 1
export const PROFILES_MAX = 10_000

export function createProfileFile(path: string, report: (reason: string) => void): ProfileMemory {
  function read(bytes: () => string): Map<string, string> {
    try {
      return parse(bytes())
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') report(reasonOf(error))
      return new Map()
    }
  }

  return {
    load: () => read(() => readFileSync(path, 'utf8')),
    async keep(learned) {
      try {
        const text = await readFile(path, 'utf8').catch(() => null)
        const all = text === null ? new Map<string, string>() : read(() => text)
        for (const [arn, model] of learned) all.set(arn, model)
        await replace(path, render(all))
      } catch (error) {
        report(reasonOf(error))
      }
    },
  }
}

function parse(text: string): Map<string, string> {
  const { format, version, profiles } = JSON.parse(text) as Record<string, unknown>
  if (format !== FORMAT || version !== VERSION) throw new Error('not of this format')
  if (typeof profiles !== 'object' || profiles === null) throw new Error('it holds no profiles')
  const found = new Map<string, string>()
  for (const [arn, model] of Object.entries(profiles).slice(0, PROFILES_MAX)) {
    if (!isProfileArn(arn) || typeof model !== 'string' || !MODEL_ID.test(model)) {
      throw new Error('it holds something that is no profile')
    }
    found.set(arn, model)
  }
  return found
}

function render(all: ReadonlyMap<string, string>): string {
  const newest = [...all].slice(-PROFILES_MAX)
  const profiles = Object.fromEntries(newest)
  return `${JSON.stringify({ format: FORMAT, version: VERSION, profiles }, null, 1)}\n`
}

/** Beside it and over it, so that a reader sees the old file or the new one; without holding up the calls of this process. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
