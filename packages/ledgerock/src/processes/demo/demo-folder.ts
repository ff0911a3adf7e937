// The folder a demo lives in: which demo it holds, and that it holds nothing else. Nothing is ever removed from it.

import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../kernel/fault.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'

export const DEMO_FILE = 'demo.json'
export const DEMO_CONFIG_FILE = 'ledgerock.yaml'
export const DEMO_SEED = 7

export type DemoMark = {
  readonly seed: number
  /** The month of its history: `2026-10`. */
  readonly period: string
  readonly state: 'making' | 'made'
}

/**
 * What the folder holds, or is to hold: a folder that is new or empty is marked as a demo's. `seed` null: any that is there.
 * @throws Fault `demo_folder`
 */
export function openDemoFolder(folder: string, seed: number | null, period: string): DemoMark {
  const entries = existsSync(folder) ? readdirSync(folder) : []
  const other = 'name another folder with --data'
  if (entries.length === 0) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const mark = { seed: seed ?? DEMO_SEED, period, state: 'making' } as const
    markDemo(folder, mark)
    return mark
  }
  const mark = entries.includes(DEMO_FILE) ? readMark(folder) : null
  if (mark === null) throw refusal(`${folder} holds something that is no demo; ${other}`)
  if (mark.state === 'making') {
    throw refusal(`a demo was begun in ${folder} and not finished; remove it, or ${other}`)
  }
  if (seed !== null && seed !== mark.seed) {
    throw refusal(`${folder} holds the demo of seed ${mark.seed}; remove it, or ${other}`)
  }
  return mark
}

export function markDemo(folder: string, mark: DemoMark): void {
  writeFileAtomically(join(folder, DEMO_FILE), `${JSON.stringify(mark)}\n`, 0o600)
}

function refusal(detail: string): Fault {
  return new Fault('demo_folder', detail)
}

function readMark(folder: string): DemoMark | null {
  try {
    const { seed, period, state } = JSON.parse(
      readFileSync(join(folder, DEMO_FILE), 'utf8'),
    ) as Partial<DemoMark>
    if (typeof seed !== 'number' || typeof period !== 'string') return null
    return state === 'making' || state === 'made' ? { seed, period, state } : null
  } catch {
    return null
  }
}

/** The last month that is over, in UTC, as AWS bills. */
export function lastMonth(nowMs: number): string {
  const now = new Date(nowMs)
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1)).toISOString().slice(0, 7)
}
