// Which process this is, in a way that stays true when pids are used again and containers share a kernel: boot id, pid, and
// the instant the pid was started, in clock ticks since boot. Where there is no /proc, the pid alone has to do.

import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { MS_PER_SECOND } from '../kernel/time.ts'

export type ProcessIdentity = {
  readonly bootId: string | null
  readonly pid: number
  readonly startTime: string | null
}

export function processIdentity(pid: number): ProcessIdentity {
  return { bootId: bootId(), pid, startTime: startTimeOf(pid) }
}

export function currentProcess(): ProcessIdentity {
  return processIdentity(process.pid)
}

/** False only where the process is certainly gone. */
export function isProcessAlive(identity: ProcessIdentity): boolean {
  const boot = bootId()
  if (identity.bootId !== null && boot !== null && identity.bootId !== boot) return false
  if (!pidExists(identity.pid)) return false
  const startTime = startTimeOf(identity.pid)
  return identity.startTime === null || startTime === null || identity.startTime === startTime
}

/** Whether the machine has been running ever since; where it has no boot id, by how long it has been running. */
export function isSameBoot(identity: ProcessIdentity, startedAtMs: number): boolean {
  const boot = bootId()
  if (identity.bootId !== null && boot !== null) return identity.bootId === boot
  return startedAtMs >= Date.now() - uptime() * MS_PER_SECOND
}

function bootId(): string | null {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? null
}

/** Field 22 of proc(5)'s stat; the command name before it may hold spaces and parentheses. A zombie counts as gone. */
function startTimeOf(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`)
  if (stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? 'gone' : (fields[19] ?? null)
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is a process.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
