// Cuts a generation into the pieces a stream sends: a few words at a time, then the tool's arguments as partial JSON. Each
// piece says how many output tokens have been given up to and with it.

import { TOOL_TOKENS } from './content-tokens.ts'
import type { Generation, ToolUse } from './generate.ts'
import { mix, seededRandom } from './random.ts'

const WORDS_PER_PIECE_MAX = 6
const INPUT_CHARACTERS_PER_PIECE = 16
const PADDING = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

export type Piece = { readonly text: string; readonly outputTokens: number }

export function textPieces({ seed, words }: Generation): readonly Piece[] {
  const random = seededRandom(mix(seed, 1))
  const pieces: Piece[] = []
  for (let from = 0; from < words.count;) {
    const to = Math.min(words.count, from + 1 + random.below(WORDS_PER_PIECE_MAX))
    pieces.push({ text: words.slice(from, to), outputTokens: to })
    from = to
  }
  return pieces
}

/** Tokens given once the tool's name is out. */
export function toolStartTokens(generation: Generation): number {
  return generation.words.count + TOOL_TOKENS
}

export function toolPieces(generation: Generation, toolUse: ToolUse): readonly Piece[] {
  const start = toolStartTokens(generation)
  const pieces: Piece[] = []
  for (let from = 0; from < toolUse.input.length;) {
    const to = Math.min(toolUse.input.length, from + INPUT_CHARACTERS_PER_PIECE)
    const tokens = Math.ceil((to / toolUse.input.length) * (toolUse.tokens - TOOL_TOKENS))
    pieces.push({ text: toolUse.input.slice(from, to), outputTokens: start + tokens })
    from = to
  }
  return pieces
}

/** The `p` member that hides a chunk's true length: a run of the alphabet, its length from the seed. */
export function padder(seed: number): () => string {
  const random = seededRandom(mix(seed, 2))
  return () => PADDING.slice(0, 1 + random.below(PADDING.length))
}
