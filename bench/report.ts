// The results for people and for programs: a table on the terminal, `results/latest.json` and `results/latest.md`. A run of
// some benches replaces their sections only; each section says when, where and from which code it was measured.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMet, type Figure, type Section } from './figure.ts'
import type { Machine, Revision } from './machine.ts'

export type Measurement = Section & {
  readonly measured_at: string
  readonly took_s: number
  readonly machine: Machine
  readonly revision: Revision
}

const RESULTS = join(import.meta.dirname, 'results')
const JSON_FILE = join(RESULTS, 'latest.json')
const MARKDOWN_FILE = join(RESULTS, 'latest.md')

export function tableOf(section: Section): string {
  const cells = [
    ['', 'median', 'min', 'max', 'unit', 'goal', ''],
    ...section.figures.map((figure) => [
      figure.name,
      shown(figure.median),
      shown(figure.min),
      shown(figure.max),
      figure.unit,
      goalText(figure),
      verdict(figure),
    ]),
  ]
  const widths = cells[0]?.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  const lines = cells.map((row) =>
    row
      .map((cell, at) => {
        const width = widths?.[at] ?? 0
        return at >= 1 && at <= 3 ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
  const skipped = section.skipped.map(({ name, skipped: why }) => `${name}: skipped, ${why}`)
  return [...lines, ...skipped].join('\n')
}

/** Puts the new sections among those of before, in `order`. */
export function writeResults(measured: readonly Measurement[], order: readonly string[]): void {
  const names = new Set(measured.map(({ bench }) => bench))
  const kept = readResults().filter(({ bench }) => !names.has(bench))
  const all = [...kept, ...measured].toSorted(
    (left, right) => order.indexOf(left.bench) - order.indexOf(right.bench),
  )
  const withVerdicts = all.map((section) => ({
    ...section,
    figures: section.figures.map((figure) => ({ ...figure, met: isMet(figure) })),
  }))
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(JSON_FILE, `${JSON.stringify(withVerdicts, null, 2)}\n`)
  writeFileSync(MARKDOWN_FILE, markdownOf(all))
}

function readResults(): readonly Measurement[] {
  if (!existsSync(JSON_FILE)) return []
  return JSON.parse(readFileSync(JSON_FILE, 'utf8')) as readonly Measurement[]
}

function markdownOf(sections: readonly Measurement[]): string {
  const parts = sections.map((section) => {
    const { machine, revision, measured_at, took_s } = section
    const rows = section.figures.map(
      (figure) =>
        `| ${figure.name} | ${shown(figure.median)} ${figure.unit} | ${shown(figure.min)} – ` +
        `${shown(figure.max)} | ${figure.rounds} | ${goalText(figure)} | ${verdict(figure)} |`,
    )
    const changes = revision.uncommitted_changes ? ', with uncommitted changes' : ''
    return [
      `## ${section.bench}`,
      '',
      `${measured_at}, commit ${revision.commit.slice(0, 12)}${changes}, ${took_s} s. ${machine.cpu}, ` +
        `${machine.cores} cores, ${machine.memory_gib} GiB, ${machine.kernel}, Node ${machine.node}; ` +
        `load average before: ${machine.load_before}.`,
      '',
      '| figure | median | min – max | rounds | goal | |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows,
      ...section.skipped.map(({ name, skipped }) => `| ${name} | skipped: ${skipped} | | | | |`),
      '',
      ...section.notes.map((note) => `- ${note}`),
      '',
    ].join('\n')
  })
  return [
    '# Results',
    '',
    'Written by `npm run bench`; what each figure means is in [the README](../README.md).',
    '',
    ...parts,
  ].join('\n')
}

function goalText({ goal }: Figure): string {
  if (goal === null) return ''
  return 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`
}

function verdict(figure: Figure): string {
  const met = isMet(figure)
  return met === null ? '' : met ? 'met' : 'MISSED'
}

/** Three digits that matter. */
function shown(value: number): string {
  if (value === 0) return '0'
  if (Math.abs(value) >= 100) return value.toFixed(0)
  if (Math.abs(value) >= 10) return value.toFixed(1)
  if (Math.abs(value) >= 1) return value.toFixed(2)
  return value.toFixed(3)
}
