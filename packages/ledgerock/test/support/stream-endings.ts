// How a stream of each API family ends for its own client when something goes wrong in the middle: what it got, and what it throws.

import { anthropicClient, openaiClient } from './clients.ts'

export type StreamEnding = { readonly events: number; readonly ended: string }

const MODELS = { openai: 'openai.gpt-oss-20b-1:0', anthropic: 'us.anthropic.claude-sonnet-4-6' }
const input = 'Name three rivers of Europe.'
const messages = [{ role: 'user' as const, content: input }]

/** Chat completions, responses and messages, one after the other, each struck by the simulator's fault. */
export async function streamEndings(
  url: string,
  key: string,
  fault: string,
): Promise<readonly StreamEnding[]> {
  const options = { headers: { 'x-simulator-fault': fault } }
  const openai = openaiClient(`${url}/openai/v1`, key, options)
  const anthropic = anthropicClient(`${url}/anthropic`, key, options)
  const gpt = { model: MODELS.openai, stream: true as const }
  const claude = { model: MODELS.anthropic, stream: true as const, max_tokens: 99 }
  return [
    await endingOf(openai.chat.completions.create({ ...gpt, messages })),
    await endingOf(openai.responses.create({ ...gpt, input })),
    await endingOf(anthropic.messages.create({ ...claude, messages })),
  ]
}

async function endingOf(answer: PromiseLike<AsyncIterable<unknown>>): Promise<StreamEnding> {
  let events = 0
  try {
    for await (const _event of await answer) events += 1
    return { events, ended: 'well' }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    // No two answers share their request id.
    return { events, ended: String(error).replace(/"request_id":"[^"]*"/, '') }
  }
}
