// The processes of a running system, found from outside as an operator would find them: the supervisor's children, by the role
// they were started with. Tests kill and stop them.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { RunningSystem } from './running-system.ts'

export type ChildRole = 'worker' | 'control' | 'ledger'

export type SystemProcess = { readonly pid: number; readonly role: ChildRole }

type Listed = { readonly pid: number; readonly parent: number; readonly command: string }

/** Only the children of this system's supervisor. */
export function childrenOf(system: Pick<RunningSystem, 'pid'>): readonly SystemProcess[] {
  return listProcesses()
    .filter(({ parent }) => parent === system.pid)
    .flatMap(({ pid, command }) => {
      const role = roleOf(command)
      return role === null ? [] : [{ pid, role }]
    })
}

/** A child has the supervisor's command and its role until it has read its start message, then a title of its own. */
function roleOf(command: string): ChildRole | null {
  const role = /--ledgerock-role (\w+)|^ledgerock (worker|control|ledger)\b/.exec(command)
  const word = role?.[1] ?? role?.[2]
  return word === 'worker' || word === 'control' || word === 'ledger' ? word : null
}

function listProcesses(): Listed[] {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

function fromProc(): Listed[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The name in parentheses may hold anything; what follows it begins with the state and the parent.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      return [{ pid: Number(name), parent, command }]
    } catch {
      // It ended while we looked.
      return []
    }
  })
}

function fromPs(): Listed[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command=']).toString().split('\n')
  return lines.flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)
    if (match === null) return []
    const [, pid, parent, command = ''] = match
    return [{ pid: Number(pid), parent: Number(parent), command }]
  })
}

/** False where it is gone already. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}
