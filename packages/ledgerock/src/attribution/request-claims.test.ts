// What single headers of a request come to: Claude Code's ids, and the proof of identity that must come to nothing.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { attribute, type Attribution } from './attribute.ts'
import { createCardinalityGuard } from './cardinality-guard.ts'
import { readClientHeaders } from './client-headers.ts'
import { compileDimensionRules, defaultRule, type DimensionRule } from './dimension-rule.ts'

function told(raw: readonly string[], declared: readonly DimensionRule[] = []): Attribution {
  const rules = mustOk(compileDimensionRules(declared))
  const client = readClientHeaders(raw, rules)
  const sources = { binding: null, identity: null, client, requestMetadata: null }
  return attribute(rules, sources, createCardinalityGuard(rules))
}

const CLAUDE_CODE = ['X-Claude-Code-Session-Id', 'a1b2', 'x-claude-code-agent-id', 'reviewer']

describe('headers of Claude Code', () => {
  it('[A17] become attributes and travel on', () => {
    expect(told(CLAUDE_CODE).attributes).toEqual({
      claude_code_session_id: 'a1b2',
      claude_code_agent_id: 'reviewer',
    })
    const rules = mustOk(compileDimensionRules([]))
    expect(readClientHeaders(CLAUDE_CODE, rules).forward).toEqual(CLAUDE_CODE)
  })

  it('[A17] fill a dimension that is declared for them instead', () => {
    const byName = told(CLAUDE_CODE, [defaultRule('claude_code_session_id')])
    expect(byName.dimensions['claude_code_session_id']).toBe('a1b2')
    expect(byName.attributes).toEqual({ claude_code_agent_id: 'reviewer' })
    const workflow = { ...defaultRule('workflow_id'), headers: ['x-claude-code-session-id'] }
    expect(told(CLAUDE_CODE, [workflow]).dimensions['workflow_id']).toBe('a1b2')
  })

  it('[A17] say nothing twice: what x-ledgerock- says of the same name stands', () => {
    const raw = [...CLAUDE_CODE, 'x-ledgerock-claude-code-session-id', 'mine']
    expect(told(raw).attributes['claude_code_session_id']).toBe('mine')
  })
})

describe('the proof of identity', () => {
  const TOKEN = 'eyJtZXRob2QiOiJQT1NUIn0'

  it('[A18] is no attribute and no dimension, wherever it was put, and never travels on', () => {
    const places: readonly (readonly string[])[] = [
      ['x-ledgerock-aws-identity', TOKEN],
      ['X-Ledgerock-AWS_Identity', TOKEN],
      ['x-amzn-bedrock-request-metadata', JSON.stringify({ 'AWS-identity': TOKEN })],
      ['baggage', `ledgerock.aws_identity=${TOKEN}`],
      ['x-litellm-spend-logs-metadata', JSON.stringify({ aws_identity: TOKEN })],
      ['x-portkey-metadata', JSON.stringify({ aws_identity: TOKEN })],
    ]
    fc.assert(
      fc.property(fc.subarray([...places], { minLength: 1 }), (chosen) => {
        expect(JSON.stringify(told(chosen.flat()))).not.toContain(TOKEN)
      }),
    )
    const rules = mustOk(compileDimensionRules([]))
    const { forward } = readClientHeaders(['x-ledgerock-aws-identity', TOKEN, 'a', 'b'], rules)
    expect(forward).toEqual(['a', 'b'])
  })

  it('[A18] cannot be a declared dimension either', () => {
    expect(compileDimensionRules([defaultRule('aws_identity')]).ok).toBe(false)
  })
})
