// What a request asks, whatever its shape: how many tokens, where cache points lie, how much may be written. Built piece by
// piece in the order a model reads (tools, system, messages), so a cache point covers everything before it. Only content
// counts: request metadata and field order change nothing, so a proxy that adds metadata gets the same answer.

import { createHash, type Hash } from 'node:crypto'

import type { CacheTtl } from './cache-ttl.ts'
import { mix } from './random.ts'

/** This tokenizer's own rule; no provider's. */
const CHARACTERS_PER_TOKEN = 4
const SAMPLE_CHARACTERS = 32

export type CachePoint = {
  /** Tokens of the prefix up to here. */
  readonly tokens: number
  /** Identifies the prefix's content. */
  readonly digest: string
  readonly ttl: CacheTtl
}

export type ToolAsk = {
  readonly name: string
  readonly schema: unknown
}

export type Prompt = {
  readonly tokens: number
  readonly fingerprint: number
  readonly cachePoints: readonly CachePoint[]
  readonly maxTokens: number
  readonly stopSequences: readonly string[]
  /** The tool the model is going to call, if the request makes it call one. */
  readonly tool: ToolAsk | null
}

export type PromptContent = Pick<Prompt, 'tokens' | 'fingerprint' | 'cachePoints'>

export function tokensOfText(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}

export class PromptBuilder {
  #tokens = 0
  #fingerprint = 0x811c9dc5
  readonly #pieces: string[] = []
  #hash: Hash | null = null
  #hashedPieces = 0
  readonly #cachePoints: CachePoint[] = []

  addText(text: string): void {
    this.addPiece(text, tokensOfText(text))
  }

  /** Content that is not text, counted by `tokens` and told apart by its JSON. */
  addJson(value: unknown, tokens?: number): void {
    const text = JSON.stringify(value) ?? ''
    this.addPiece(text, tokens ?? tokensOfText(text))
  }

  /** What a role marker or a tool's wrapping costs. */
  addOverhead(marker: string, tokens: number): void {
    this.addPiece(marker, tokens)
  }

  addCachePoint(ttl: CacheTtl): void {
    // Prefixes are hashed only for requests that cache; the rest never pays for it.
    this.#hash ??= createHash('sha256')
    for (; this.#hashedPieces < this.#pieces.length; this.#hashedPieces++) {
      const piece = this.#pieces[this.#hashedPieces] ?? ''
      this.#hash.update(`${piece.length}:`).update(piece)
    }
    const digest = this.#hash.copy().digest('base64')
    this.#cachePoints.push({ tokens: this.#tokens, digest, ttl })
  }

  content(): PromptContent {
    return {
      tokens: this.#tokens,
      fingerprint: this.#fingerprint,
      cachePoints: this.#cachePoints,
    }
  }

  private addPiece(text: string, tokens: number): void {
    this.#tokens += tokens
    this.#fingerprint = sample(this.#fingerprint, text)
    this.#pieces.push(text)
  }
}

/** Length, head and tail tell prompts apart well enough, at a cost that does not grow with them. */
function sample(hash: number, text: string): number {
  let value = mix(hash, text.length)
  const head = Math.min(text.length, SAMPLE_CHARACTERS)
  for (let at = 0; at < head; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  const tail = Math.max(head, text.length - SAMPLE_CHARACTERS)
  for (let at = tail; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  }
  return value >>> 0
}
