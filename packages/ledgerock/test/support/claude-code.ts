// Claude Code as a server sees it: its documented requests, sent by the client it is built on. What its documentation says of
// variables and headers is at https://code.claude.com/docs/en/amazon-bedrock and …/llm-gateway; the variables that client reads
// itself (address, key, region, custom headers) are set in the environment and nowhere else, as a developer sets them.

import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk'
import type { BetaMessageStreamParams } from '@anthropic-ai/sdk/resources/beta/messages'
import { vi } from 'vitest'

export type ClaudeCodeEnvironment = {
  readonly ANTHROPIC_BEDROCK_BASE_URL: string
  readonly AWS_BEARER_TOKEN_BEDROCK: string
  /** One `Name: value` a line. */
  readonly ANTHROPIC_CUSTOM_HEADERS?: string
  readonly ANTHROPIC_BEDROCK_SERVICE_TIER?: string
}

export type ClaudeCode = {
  readonly client: AnthropicBedrock
  readonly sessionId: string
}

const BETAS = ['claude-code-20250219', 'interleaved-thinking-2025-05-14']

export function startClaudeCode(
  environment: ClaudeCodeEnvironment,
  options: { readonly sessionId: string; readonly agentId?: string; readonly fetch?: typeof fetch },
): ClaudeCode {
  const { ANTHROPIC_BEDROCK_SERVICE_TIER: tier, ...read } = environment
  // What is not given is not there, whatever the machine of the test has.
  const variables = { ANTHROPIC_CUSTOM_HEADERS: '', AWS_REGION: 'us-east-1', ...read }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  const { sessionId, agentId, fetch } = options
  const client = new AnthropicBedrock({
    maxRetries: 0,
    logLevel: 'off',
    ...(fetch === undefined ? {} : { fetch }),
    defaultHeaders: {
      'user-agent': 'claude-cli/2.1.122 (external, cli)',
      'x-app': 'cli',
      'X-Claude-Code-Session-Id': sessionId,
      ...(agentId === undefined ? {} : { 'x-claude-code-agent-id': agentId }),
      ...(tier === undefined ? {} : { 'X-Amzn-Bedrock-Service-Tier': tier }),
    },
  })
  vi.unstubAllEnvs()
  return { client, sessionId }
}

type Message = BetaMessageStreamParams['messages'][number]

/** A turn of the agent: instructions and tools cached for an hour (`ENABLE_PROMPT_CACHING_1H_BEDROCK`), the talk so far after them. */
export function agentTurn(messages: readonly Message[]): BetaMessageStreamParams {
  return {
    model: 'global.anthropic.claude-sonnet-4-6',
    max_tokens: 4_096,
    betas: BETAS,
    system: [
      {
        type: 'text',
        text: 'You are Claude Code. '.repeat(400),
        cache_control: { type: 'ephemeral', ttl: '1h' },
      },
    ],
    tools: [
      {
        name: 'Read',
        description: 'Reads a file from the local filesystem.',
        input_schema: {
          type: 'object',
          properties: { file_path: { type: 'string' } },
          required: ['file_path'],
        },
      },
    ],
    metadata: { user_id: 'user_0f2b_account__session_7d1c' },
    messages: [...messages],
  }
}

/** The small model's work: names, summaries. */
export function smallTask(text: string): BetaMessageStreamParams & { readonly stream: false } {
  return {
    model: 'us.anthropic.claude-haiku-4-5-20251001-v1:0',
    max_tokens: 64,
    betas: BETAS,
    messages: [{ role: 'user', content: text }],
    stream: false,
  }
}
