// What the model "says": decided from the seed and the prompt's content alone, so the same prompt gets the same answer on
// every path, protocol and attempt, streamed or not.

import { MESSAGE_TOKENS, TOOL_TOKENS } from './content-tokens.ts'
import { tokensOfText, type Prompt } from './prompt.ts'
import { hashText, mix, randomName, seededRandom, type Random } from './random.ts'
import { toolInput } from './tool-input.ts'
import { wordsFrom, type Words } from './words.ts'

export type StopReason = 'end_turn' | 'max_tokens' | 'tool_use' | 'stop_sequence'

export type ToolUse = {
  readonly name: string
  /** Without the prefix each shape puts before it. */
  readonly id: string
  /** JSON. */
  readonly input: string
  readonly tokens: number
}

export type Generation = {
  readonly seed: number
  readonly words: Words
  readonly toolUse: ToolUse | null
  readonly outputTokens: number
  readonly stop: StopReason
  readonly stopSequence: string | null
  /** What the service claims it took; a figure of the answer, not a measurement. */
  readonly latencyMs: number
  readonly firstByteMs: number
}

export type OutputRange = { readonly min: number; readonly max: number }

const SHORT_ANSWER: OutputRange = { min: 16, max: 127 }
const LONG_ANSWER_FACTOR = 8
const LONG_ANSWER_ODDS = 16

export function generate(
  seed: number,
  model: string,
  prompt: Prompt,
  range: OutputRange | null,
): Generation {
  const own = mix(mix(seed, prompt.fingerprint), hashText(model))
  const random = seededRandom(own)
  const natural = naturalLength(random, range)
  const firstByteMs = 80 + random.below(220)
  const toolUse = prompt.tool === null ? null : callTool(prompt.tool, random)
  const preamble = toolUse === null ? 0 : MESSAGE_TOKENS + random.below(8)

  if (toolUse !== null && preamble + toolUse.tokens <= prompt.maxTokens) {
    const words = wordsFrom(own, preamble)
    return finish({ seed: own, words, toolUse, stop: 'tool_use', stopSequence: null }, firstByteMs)
  }
  const wanted = toolUse === null ? natural : preamble + toolUse.tokens
  const cut = wanted > prompt.maxTokens
  const words = wordsFrom(own, cut ? prompt.maxTokens : wanted)
  const stopped = stopAt(own, words, prompt.stopSequences)
  const text = { seed: own, toolUse: null }
  if (stopped !== null) return finish({ ...text, ...stopped, stop: 'stop_sequence' }, firstByteMs)
  const stop = cut ? 'max_tokens' : 'end_turn'
  return finish({ ...text, words, stop, stopSequence: null }, firstByteMs)
}

type Unfinished = Omit<Generation, 'outputTokens' | 'latencyMs' | 'firstByteMs'>

function finish(unfinished: Unfinished, firstByteMs: number): Generation {
  const outputTokens = unfinished.words.count + (unfinished.toolUse?.tokens ?? 0)
  return { ...unfinished, outputTokens, firstByteMs, latencyMs: firstByteMs + outputTokens * 9 }
}

/** Mostly short, now and then long: budgets and buffers are to meet both. */
function naturalLength(random: Random, range: OutputRange | null): number {
  const { min, max } = range ?? SHORT_ANSWER
  const length = min + random.below(max - min + 1)
  const long = range === null && random.below(LONG_ANSWER_ODDS) === 0
  return long ? length * LONG_ANSWER_FACTOR : length
}

function callTool(
  tool: { readonly name: string; readonly schema: unknown },
  random: Random,
): ToolUse {
  const input = JSON.stringify(toolInput(tool.schema, random))
  return {
    name: tool.name,
    id: randomName(random, 22),
    input,
    tokens: TOOL_TOKENS + tokensOfText(input),
  }
}

/** The whole words before the first stop sequence, if one occurs. */
function stopAt(
  seed: number,
  words: Words,
  sequences: readonly string[],
): Pick<Generation, 'words' | 'stopSequence'> | null {
  if (sequences.length === 0) return null
  const text = words.slice(0, words.count)
  let at = text.length
  let found: string | null = null
  for (const sequence of sequences) {
    const index = text.indexOf(sequence)
    if (index === -1 || index >= at) continue
    at = index
    found = sequence
  }
  if (found === null) return null
  const before = text.slice(0, at).split(' ').length
  const whole = text.charAt(at) === ' ' ? before : before - 1
  return { words: wordsFrom(seed, whole), stopSequence: found }
}
