// Claude Code through Ledgerock, as the guide sets it up: Bedrock hears what it would have heard from Claude Code itself, and the
// ledger knows the developer, the session, the dimensions and the price of every call.

import { hash } from 'node:crypto'
import { PermissionDeniedError, BadRequestError } from '@anthropic-ai/sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  agentTurn,
  smallTask,
  startClaudeCode,
  type ClaudeCode,
  type ClaudeCodeEnvironment,
} from './support/claude-code.ts'
import { wiretap, type Wiretap } from './support/clients.ts'
import { hearRequests, type Heard, type Hearing } from './support/heard-requests.ts'
import {
  bedrocksBill,
  ledgersBill,
  meteredSince,
  type MeteredCall,
} from './support/metered-calls.ts'
import { startSystem, type RunningSystem } from './support/running-system.ts'

const SESSION = '3f0e1c1e-5a6b-4c7d-8e9f-a0b1c2d3e4f5'
const DIRECT_KEY = 'direct-bearer-key'
const QUESTION = { role: 'user' as const, content: 'Read README.md and say what it is about.' }

let system: RunningSystem
let key: string
let since: number
let hearing: Hearing

beforeAll(async () => {
  system = await startSystem({ simulator: { bearerKeys: [DIRECT_KEY] } })
  key = await system.createKey('ada', {
    team: 'platform',
    application: 'claude-code',
    user_id: 'ada',
  })
})
afterAll(() => system.dispose())
beforeEach(() => {
  since = system.simulator.calls().length
  hearing = hearRequests()
})
afterEach(() => hearing.stop())

function claudeCode(
  environment: Partial<ClaudeCodeEnvironment> = {},
  options: { readonly agentId?: string; readonly tap?: Wiretap } = {},
): ClaudeCode {
  const { agentId, tap } = options
  return startClaudeCode(
    {
      ANTHROPIC_BEDROCK_BASE_URL: system.gatewayUrl,
      AWS_BEARER_TOKEN_BEDROCK: key,
      ...environment,
    },
    {
      sessionId: SESSION,
      ...(agentId === undefined ? {} : { agentId }),
      ...(tap === undefined ? {} : { fetch: tap.fetch }),
    },
  )
}

/** What the ledger has of the calls of this test, each of them with the bill Bedrock would write. */
async function metered(): Promise<readonly MeteredCall[]> {
  const calls = await meteredSince(system, since)
  expect(calls.map(ledgersBill)).toEqual(calls.map(bedrocksBill))
  return calls
}

function heardCalls(): readonly Heard[] {
  return hearing.requests.filter(({ path }) => path.startsWith('/model/'))
}

describe('the agent', () => {
  it('uses a tool over two streamed turns, its instructions cached for an hour', async () => {
    const tap = wiretap()
    const { client } = claudeCode({}, { tap })
    const first = await client.beta.messages.stream(agentTurn([QUESTION])).finalMessage()
    const use = first.content.find((block) => block.type === 'tool_use')
    if (use === undefined) throw new Error('no tool was used')
    const result = { type: 'tool_result' as const, tool_use_id: use.id, content: 'A ledger.' }
    const talk = [
      QUESTION,
      { role: 'assistant' as const, content: first.content },
      { role: 'user' as const, content: [result] },
    ]
    const second = await client.beta.messages.stream(agentTurn(talk)).finalMessage()
    expect(first.stop_reason).toBe('tool_use')
    expect(second.content.map((block) => block.type)).toContain('text')

    const [wrote, read, ...others] = await metered()
    expect(others).toEqual([])
    const written = first.usage.cache_creation?.ephemeral_1h_input_tokens ?? 0
    expect(written).toBeGreaterThan(1_024)
    expect(wrote?.row).toMatchObject({
      operation: 'invoke-with-response-stream',
      model_requested: 'global.anthropic.claude-sonnet-4-6',
      model_id: 'anthropic.claude-sonnet-4-6',
      scope: 'global',
      usage_source: 'response',
      input_tokens: first.usage.input_tokens,
      output_tokens: first.usage.output_tokens,
      cache_write_1h_tokens: written,
      cache_write_5m_tokens: 0,
    })
    const kinds = wrote?.row.charges.map(({ kind, quantity }) => [kind, quantity])
    expect(kinds).toContainEqual(['cache_write_1h', written])
    expect(read?.row).toMatchObject({ cache_read_tokens: written, cache_write_1h_tokens: 0 })

    // The bodies are the ones Claude Code wrote, with what Bedrock's Claude needs in them.
    for (const [index, { served }] of [wrote, read].entries()) {
      const body = tap.requests[index]?.body ?? ''
      expect(served.request_sha256).toBe(hash('sha256', body, 'hex'))
      expect(JSON.parse(body)).toMatchObject({
        anthropic_version: expect.any(String),
        anthropic_beta: ['claude-code-20250219', 'interleaved-thinking-2025-05-14'],
      })
    }
  })
})
