// Claude Code through Ledgerock, as the guide sets it up: Bedrock hears what it would have heard from Claude Code itself, and the
// ledger knows the developer, the session, the dimensions and the price of every call.

import { hash } from 'node:crypto'
import { APIUserAbortError, BadRequestError, PermissionDeniedError } from '@anthropic-ai/sdk'
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

    const calls = await metered()
    expect(calls).toHaveLength(2)
    const [wrote, read] = calls
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
    for (const [index, { served }] of calls.entries()) {
      const body = tap.requests[index]?.body ?? ''
      expect(served.request_sha256).toBe(hash('sha256', body, 'hex'))
      expect(JSON.parse(body)).toMatchObject({
        anthropic_version: expect.any(String),
        anthropic_beta: ['claude-code-20250219', 'interleaved-thinking-2025-05-14'],
      })
    }
  })

  it('has small tasks done by the small model, in the region of the address, by a sub-agent', async () => {
    const ANTHROPIC_BEDROCK_BASE_URL = `${system.gatewayUrl}/region/us-east-1`
    const { client } = claudeCode({ ANTHROPIC_BEDROCK_BASE_URL }, { agentId: 'agent-7' })
    const answer = await client.beta.messages.create(smallTask('Name this talk.'))
    const [call] = await metered()
    expect(call?.row).toMatchObject({
      operation: 'invoke',
      model_id: 'anthropic.claude-haiku-4-5-20251001-v1:0',
      scope: 'geo',
      output_tokens: answer.usage.output_tokens,
      attributes: { claude_code_session_id: SESSION, claude_code_agent_id: 'agent-7' },
    })
  })

  it('is interrupted: what was written until then is on record, as an estimate', async () => {
    const { client } = claudeCode({
      ANTHROPIC_CUSTOM_HEADERS: 'x-simulator-fault: slow_chunks:400',
    })
    const stream = client.beta.messages.stream(agentTurn([QUESTION]))
    stream.once('streamEvent', () => stream.abort())
    await expect(stream.finalMessage()).rejects.toThrow(APIUserAbortError)
    const [call] = await meteredSince(system, since)
    expect(call?.served.completed).toBe(false)
    expect(call?.row).toMatchObject({
      status: 'interrupted',
      interrupted_by: 'client',
      user_id: 'ada',
      usage_source: 'estimated',
      input_tokens: call?.served.usage?.input,
      cache_read_tokens: call?.served.usage?.cache_read,
      cache_write_1h_tokens: call?.served.usage?.cache_write_1h,
    })
    expect(Number(call?.row.cost_usd)).toBeGreaterThan(0)
  })
})

describe('what Bedrock hears', () => {
  const CUSTOM =
    'x-ledgerock-feature: billing-rewrite\nx-ledgerock-workflow-id: ticket-4711\nx-own: yes'
  /** Of one connection, or of who is at its other end. */
  const PER_HOP = new Set(['authorization', 'host', 'connection', 'accept-encoding'])
  const SIGNED = new Set(['x-amz-date', 'x-amz-content-sha256'])
  const METADATA = 'x-amzn-bedrock-request-metadata'

  it('is what Claude Code says, without the key and the dimensions, signed and with metadata', async () => {
    const environments = [
      {
        ANTHROPIC_BEDROCK_BASE_URL: system.simulator.url,
        AWS_BEARER_TOKEN_BEDROCK: DIRECT_KEY,
        ANTHROPIC_CUSTOM_HEADERS: CUSTOM,
      },
      { ANTHROPIC_CUSTOM_HEADERS: CUSTOM },
    ]
    for (const environment of environments) {
      const { client } = claudeCode(environment)
      await client.beta.messages.stream(agentTurn([QUESTION])).finalMessage()
    }
    const [direct, through] = heardCalls()
    if (direct === undefined || through === undefined) throw new Error('two calls were to be heard')
    expect(through.path).toBe(direct.path)
    const isOurs = (name: string): boolean => name.startsWith('x-ledgerock-')
    expect(Object.keys(direct.headers).filter(isOurs)).toHaveLength(2)
    const said = without(direct.headers, (name) => PER_HOP.has(name) || isOurs(name))
    expect(said).toMatchObject({
      'user-agent': 'claude-cli/2.1.122 (external, cli)',
      'x-app': 'cli',
      'x-claude-code-session-id': SESSION,
      'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14',
      'x-own': 'yes',
    })
    const isAdded = (name: string): boolean => SIGNED.has(name) || name === METADATA
    expect(without(through.headers, (name) => PER_HOP.has(name) || isAdded(name))).toEqual(said)
    expect(JSON.stringify(through)).not.toContain(key)

    const [directly, ours] = system.simulator.calls().slice(since)
    expect(ours?.request_sha256).toBe(directly?.request_sha256)
    expect(ours?.auth).toBe('sigv4')
    const [call] = await metered()
    expect(call?.row.changes).toEqual(['request_metadata'])
    expect(JSON.parse(String(through.headers[METADATA]))).toEqual({
      ledgerock_call_id: call?.row.call_id,
      team: 'platform',
      application: 'claude-code',
      user_id: 'ada',
      feature: 'billing-rewrite',
      workflow_id: 'ticket-4711',
    })
  })
})

describe('what the ledger knows', () => {
  it('the developer by the key, the session, and what the session is about', async () => {
    const { client } = claudeCode({
      ANTHROPIC_CUSTOM_HEADERS:
        'x-ledgerock-feature: billing-rewrite\nx-ledgerock-user-id: mallory',
    })
    await client.beta.messages.create(smallTask('Summarise this.'))
    const [call] = await metered()
    expect(call?.row).toMatchObject({
      key_name: 'ada',
      team: 'platform',
      application: 'claude-code',
      user_id: 'ada',
      feature: 'billing-rewrite',
      attributes: { claude_code_session_id: SESSION },
      provenance: { user_id: 'key', feature: 'header' },
    })
    expect(call?.row.conflicts).toMatchObject([
      { dimension: 'user_id', kept: 'ada', ignored: 'mallory' },
    ])
  })

  it('the tier that served, which need not be the one that was asked for', async () => {
    const { client } = claudeCode({ ANTHROPIC_BEDROCK_SERVICE_TIER: 'reserved' })
    await client.beta.messages.create(smallTask('Summarise this.'))
    const [call] = await metered()
    expect(call?.served).toMatchObject({ tier_asked: 'reserved', tier_resolved: 'default' })
    expect(call?.row.tier).toBe('standard')
  })

  it('a tier the model does not have, which Claude Code is told in Bedrock’s own words', async () => {
    const { client } = claudeCode({ ANTHROPIC_BEDROCK_SERVICE_TIER: 'flex' })
    const refused = client.beta.messages.create(smallTask('Summarise this.'))
    await expect(refused).rejects.toThrow(BadRequestError)
    const [heard] = heardCalls()
    expect(heard?.headers['x-amzn-bedrock-service-tier']).toBe('flex')
    const [call] = await meteredSince(system, since)
    expect(call?.row).toMatchObject({ status: 'client_error', tier: 'flex', cost_usd: '0' })
  })

  it('nothing of somebody with a wrong key, whom the client takes for what he is', async () => {
    const { client } = claudeCode({ AWS_BEARER_TOKEN_BEDROCK: 'lrk_nobody' })
    const refused = client.beta.messages.create(smallTask('Summarise this.'))
    await expect(refused).rejects.toThrow(PermissionDeniedError)
    expect(heardCalls()).toEqual([])
  })
})

function without(
  headers: Heard['headers'],
  isLeftOut: (name: string) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isLeftOut(name)))
}
