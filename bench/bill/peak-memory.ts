// The most memory a process ever held, as the kernel keeps it.

import { readFileSync } from 'node:fs'

const KIB_A_MIB = 1_024

export function peakMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / KIB_A_MIB
}
