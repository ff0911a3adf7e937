// Runs `ledgerock` beside a running system, as its operator would.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { REPOSITORY, type RunningSystem } from './running-system.ts'

const COMMAND = join(REPOSITORY, 'packages/ledgerock/bin/ledgerock.js')

/** What it prints as JSON; throws where it fails. */
export function ledgerockJson<Answer>(
  { dataDir }: Pick<RunningSystem, 'dataDir'>,
  ...words: readonly string[]
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [COMMAND, ...words, '--data', dataDir, '--format', 'json'],
      { env: { PATH: process.env['PATH'], HOME: dataDir }, timeout: 60_000 },
      (error, stdout, stderr) => {
        if (error === null) resolve(JSON.parse(stdout) as Answer)
        else reject(new Error(`${words.join(' ')}: ${stderr}`, { cause: error }))
      },
    )
  })
}
