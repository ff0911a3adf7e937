// `<data>/run.json`: where the running system can be reached. It is removed on a clean stop and left behind by a crash, so its
// process is checked before it is believed.

import { readFileSync } from 'node:fs'
import path from 'node:path'

export type RunFile = {
  readonly gatewayUrl: string
  readonly controlUrl: string
  readonly pid: number
  readonly version: string
}

export const RUN_FILE_NAME = 'run.json'

/** Null where there is none, it is not whole, or its process is gone. */
export function readRunFile(
  dataDir: string,
  isAlive: (pid: number) => boolean = processIsAlive,
): RunFile | null {
  let written: Readonly<Record<string, unknown>>
  try {
    written = JSON.parse(readFileSync(path.join(dataDir, RUN_FILE_NAME), 'utf8')) as typeof written
  } catch {
    return null
  }
  const { gateway_url: gatewayUrl, control_url: controlUrl, pid, version } = written
  if (typeof gatewayUrl !== 'string' || typeof controlUrl !== 'string') return null
  if (typeof pid !== 'number' || typeof version !== 'string' || !isAlive(pid)) return null
  return { gatewayUrl, controlUrl, pid, version }
}

function processIsAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
