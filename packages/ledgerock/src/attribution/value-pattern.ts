// The `pattern` of a dimension, matched in time proportional to the value's length. A request chooses the value, so a matcher that
// backtracks would let one careless pattern (`(a+)+`) hold up everybody's calls. The pattern is read as JavaScript reads it (flag
// `u`), then run as an automaton; what an automaton cannot do (look-around, back-references, word boundaries) is refused.

import { err, ok, type Result } from '../kernel/result.ts'
import { parsePattern, type PatternNode } from './pattern-syntax.ts'

export type ValuePattern = (value: string) => boolean

const STATES_MAX = 4_000

/** One state: it takes a character, or it forks, or it is the end. */
type State =
  | { readonly kind: 'take'; readonly takes: (character: string) => boolean; readonly next: number }
  | { readonly kind: 'fork'; readonly next: readonly number[] }
  | { readonly kind: 'end' }

/** The whole value must match, with or without `^` and `$` in the source. */
export function compileValuePattern(source: string): Result<ValuePattern, string> {
  const parsed = parsePattern(source)
  if (!parsed.ok) return parsed
  const states: State[] = [{ kind: 'end' }]
  const start = build(states, parsed.value, 0)
  if (start === null) return err(`the pattern ${source} is too large`)
  return ok((value) => runs(states, start, value))
}

/** Adds the states of `node`, which go on to state `next`. Returns where they begin, or null past the limit. */
function build(states: State[], node: PatternNode, next: number): number | null {
  if (states.length > STATES_MAX) return null
  switch (node.kind) {
    case 'atom':
      return states.push({ kind: 'take', takes: node.takes, next }) - 1
    case 'sequence': {
      let at: number | null = next
      for (const part of node.parts.toReversed()) at = at === null ? null : build(states, part, at)
      return at
    }
    case 'choice': {
      const starts = node.parts.map((part) => build(states, part, next))
      if (starts.includes(null)) return null
      return states.push({ kind: 'fork', next: starts.filter((start) => start !== null) }) - 1
    }
    case 'repeat':
      return buildRepeat(states, node, next)
  }
}

function buildRepeat(
  states: State[],
  node: Extract<PatternNode, { kind: 'repeat' }>,
  next: number,
): number | null {
  let at: number | null = next
  if (node.max === null) {
    const loop = states.push({ kind: 'fork', next: [next] }) - 1
    const body = build(states, node.part, loop)
    if (body === null) return null
    states[loop] = { kind: 'fork', next: [body, next] }
    at = loop
  } else {
    for (let count = node.min; count < node.max && at !== null; count += 1) {
      const body: number | null = build(states, node.part, at)
      at = body === null ? null : states.push({ kind: 'fork', next: [body, next] }) - 1
    }
  }
  for (let count = 0; count < node.min && at !== null; count += 1) at = build(states, node.part, at)
  return at
}

function runs(states: readonly State[], start: number, value: string): boolean {
  // `mark` holds the step in which a state was last entered, so no state is entered twice in one step.
  const mark = new Int32Array(states.length).fill(-1)
  let active = enter(states, [start], mark, 0)
  let step = 1
  for (const character of value) {
    const reached: number[] = []
    for (const at of active) {
      const state = states[at]
      if (state?.kind === 'take' && state.takes(character)) reached.push(state.next)
    }
    if (reached.length === 0) return false
    active = enter(states, reached, mark, step)
    step += 1
  }
  return active.includes(0)
}

/** All states that take a character or end, reached from `from` without taking one. */
function enter(
  states: readonly State[],
  from: readonly number[],
  mark: Int32Array,
  step: number,
): number[] {
  const pending = [...from]
  const entered: number[] = []
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (mark[at] === step) continue
    mark[at] = step
    const state = states[at]
    if (state?.kind === 'fork') pending.push(...state.next)
    else entered.push(at)
  }
  return entered
}
