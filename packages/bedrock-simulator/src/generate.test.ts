// What the model says: repeatable, within its limit, and the same in pieces as in one.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { generate, type Generation } from './generate.ts'
import type { Prompt } from './prompt.ts'
import { PromptBuilder } from './prompt.ts'
import { textPieces, toolPieces } from './stream-pieces.ts'
import { toolInput } from './tool-input.ts'
import { seededRandom } from './random.ts'

const MODEL = 'anthropic.claude-sonnet-4-6'

function prompt(text: string, rest: Partial<Prompt> = {}): Prompt {
  const builder = new PromptBuilder()
  builder.addText(text)
  return { ...builder.content(), maxTokens: 4_096, stopSequences: [], tool: null, ...rest }
}

function textOf({ words }: Generation): string {
  return words.slice(0, words.count)
}

const SCHEMA = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    days: { type: 'integer', minimum: 1, maximum: 7 },
    unit: { enum: ['celsius', 'fahrenheit'] },
    tags: { type: 'array', items: { type: 'string' } },
    place: { type: 'object', properties: { lat: { type: 'number' } }, required: ['lat'] },
    note: { type: 'string' },
  },
  required: ['city', 'days', 'unit', 'tags', 'place'],
}

describe('generate', () => {
  it('[S1] depends on seed, model and content alone', () => {
    const one = generate(1, MODEL, prompt('hello'), null)
    expect(textOf(generate(1, MODEL, prompt('hello'), null))).toBe(textOf(one))
    const others = [
      generate(2, MODEL, prompt('hello'), null),
      generate(1, 'amazon.nova-pro-v1:0', prompt('hello'), null),
      generate(1, MODEL, prompt('hello!'), null),
    ]
    for (const other of others) expect(textOf(other)).not.toBe(textOf(one))
  })

  it('[S6] never writes more than it may, one word for each token', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.integer({ min: 1, max: 300 }), (seed, text, max) => {
        const tool = seed % 2 === 0 ? { name: 'look_up', schema: SCHEMA } : null
        const asked = prompt(text, { maxTokens: max, tool })
        const generation = generate(seed, MODEL, asked, { min: 100, max: 200 })
        expect(generation.outputTokens).toBeLessThanOrEqual(max)
        expect(generation.outputTokens).toBeGreaterThan(0)
        const words = textOf(generation).split(' ').length
        expect(words + (generation.toolUse?.tokens ?? 0)).toBe(generation.outputTokens)
        const cut = generation.stop === 'max_tokens'
        expect(cut ? generation.outputTokens : max).toBe(max)
      }),
    )
  })

  it('[S5] streams exactly the text and tokens of the whole answer', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 20_000 }), (seed, length) => {
        const tool = seed % 2 === 0 ? { name: 'look_up', schema: SCHEMA } : null
        const range = { min: length, max: length }
        const asked = prompt('x', { maxTokens: 64_000, tool })
        const generation = generate(seed, MODEL, asked, range)
        const pieces = textPieces(generation)
        expect(pieces.map((piece) => piece.text).join('')).toBe(textOf(generation))
        const { toolUse } = generation
        const last = toolUse === null ? pieces.at(-1) : toolPieces(generation, toolUse).at(-1)
        expect(last?.outputTokens).toBe(generation.outputTokens)
        if (toolUse === null) return
        const input = toolPieces(generation, toolUse).map((piece) => piece.text)
        expect(input.join('')).toBe(toolUse.input)
      }),
      { numRuns: 50 },
    )
  })

  it('[S6] stops before a stop sequence and counts only what came before', () => {
    const whole = textOf(generate(1, MODEL, prompt('hello'), { min: 50, max: 50 })).split(' ')
    const word = whole[10] ?? ''
    const stopped = generate(1, MODEL, prompt('hello', { stopSequences: ['zzz', ` ${word} `] }), {
      min: 50,
      max: 50,
    })
    expect(stopped.stop).toBe('stop_sequence')
    expect(stopped.stopSequence).toBe(` ${word} `)
    expect(textOf(stopped)).not.toContain(` ${word} `)
    expect(stopped.outputTokens).toBe(whole.indexOf(word, 1))
  })

  it('[S14] fills a tool’s arguments as its schema wants them', () => {
    for (let seed = 0; seed < 50; seed++) {
      const input = toolInput(SCHEMA, seededRandom(seed))
      expect(Object.keys(input)).toEqual(['city', 'days', 'unit', 'tags', 'place'])
      expect(typeof input['city']).toBe('string')
      expect([1, 2, 3, 4, 5, 6, 7]).toContain(input['days'])
      expect(['celsius', 'fahrenheit']).toContain(input['unit'])
      expect(input['tags']).toEqual([expect.any(String)])
      expect(input['place']).toEqual({ lat: expect.any(Number) })
    }
    expect(toolInput(undefined, seededRandom(1))).toEqual({})
  })
})
