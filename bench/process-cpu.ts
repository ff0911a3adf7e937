// The processor time and the memory a process has used, from Linux's /proc. Cost per call in CPU time is what stays comparable when
// the machine is busy with other things. Elsewhere than on Linux there is none, and the figures made of it are left out.

import { readFileSync } from 'node:fs'

/** The kernel's clock tick, USER_HZ: 100 per second on every Linux that Node runs on. */
const TICK_US = 10_000

/** User and system time so far, in microseconds; null where it cannot be known. */
export function cpuUs(pid: number): number | null {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}

/** Of all together; null where one of them cannot be known. */
export function cpuUsOf(pids: readonly number[]): number | null {
  let sum = 0
  for (const pid of pids) {
    const used = cpuUs(pid)
    if (used === null) return null
    sum += used
  }
  return sum
}

/** Resident size; null where it cannot be known. */
export function residentBytes(pid: number): number | null {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
  return kib === undefined ? null : Number(kib) * 1_024
}

const IDLE_LOOK_MS = 300
/** Below this share of one core a system counts as idle: timers and syncs go on. */
const IDLE_SHARE = 0.1

/** Waits until the processes have little left to do, so that they do not do it while another is measured. */
export async function whenIdle(pids: readonly number[], patienceMs: number): Promise<void> {
  const giveUpAt = performance.now() + patienceMs
  let before = cpuUsOf(pids)
  while (performance.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_LOOK_MS))
    const now = cpuUsOf(pids)
    if (before !== null && now !== null && now - before < IDLE_LOOK_MS * 1_000 * IDLE_SHARE) return
    before = now
  }
}

export function childrenOf(pid: number): readonly number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`)
  return text === null || text.trim() === '' ? [] : text.trim().split(' ').map(Number)
}

export function commandOf(pid: number): string {
  return (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim()
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
