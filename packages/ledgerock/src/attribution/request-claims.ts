// The request's own words about a call, in the order of the contract: `x-ledgerock-<name>`, a dimension's declared headers,
// Bedrock's request metadata as header, then in Converse's body, W3C baggage, and the metadata headers of LiteLLM and Portkey for
// people who come from there. The mapping of the last two is in the README.

import { readBaggage } from './baggage.ts'
import type { Claims } from './claims.ts'
import { headerText, METADATA_HEADER, type ClientHeaders } from './client-headers.ts'
import {
  dimensionWord,
  RESERVED_NAMES,
  type CompiledDimension,
  type DimensionRules,
} from './dimension-rule.ts'
import type { Provenance } from './provenance.ts'

const LITELLM_METADATA = 'x-litellm-spend-logs-metadata'
const LITELLM_END_USERS = ['x-litellm-customer-id', 'x-litellm-end-user-id'] as const
const LITELLM_TAGS = 'x-litellm-tags'
const PORTKEY_METADATA = 'x-portkey-metadata'
/** Portkey's predefined keys that mean one of the default dimensions. */
const PORTKEY_KEYS: ReadonlyMap<string, string> = new Map([
  ['_user', 'user_id'],
  ['_environment', 'environment'],
])
/** What Claude Code sends with every call so that proxies can group them; it travels on, being the user's own. */
const CLAUDE_CODE_IDS = [
  ['x-claude-code-session-id', 'claude_code_session_id'],
  ['x-claude-code-agent-id', 'claude_code_agent_id'],
] as const
/** A proof of identity is nobody's attribute, wherever somebody may have put it. */
const NEVER_KEPT = 'aws_identity'
const METADATA_CHARACTERS_MAX = 16_384

export function readRequestClaims(
  claims: Claims,
  rules: DimensionRules,
  client: ClientHeaders,
  requestMetadata: Readonly<Record<string, string>> | null,
): void {
  for (const name of client.repeated) {
    claims.invalid.push({ dimension: name, message: 'must be sent once' })
  }
  for (const [name, value] of client.own) {
    if (!RESERVED_NAMES.has(name)) say(claims, rules, name, headerText(value), 'header')
  }
  if (rules.headers.size > 0) claimDeclaredHeaders(claims, rules, client.values)
  for (const [header, name] of CLAUDE_CODE_IDS) {
    const value = client.values[header]
    if (value !== undefined) say(claims, rules, name, headerText(value), 'header')
  }
  const metadata = client.values[METADATA_HEADER]
  if (metadata !== undefined) {
    sayAll(claims, rules, jsonHeader(claims, METADATA_HEADER, metadata), 'metadata')
  }
  if (requestMetadata !== null) sayAll(claims, rules, requestMetadata, 'request_metadata')
  const { baggage } = client.values
  if (baggage !== undefined) claimBaggage(claims, rules, baggage)
  claimLitellm(claims, rules, client.values)
  const portkey = client.values[PORTKEY_METADATA]
  if (portkey !== undefined) {
    const entries = jsonHeader(claims, PORTKEY_METADATA, portkey)
    for (const key of Object.keys(entries)) {
      say(claims, rules, PORTKEY_KEYS.get(key) ?? key, entries[key] as string, 'portkey')
    }
  }
}

function say(
  claims: Claims,
  rules: DimensionRules,
  name: string,
  value: string,
  provenance: Provenance,
): void {
  const index = rules.indexOf.get(name) ?? rules.indexOf.get(dimensionWord(name))
  if (index === undefined) {
    if (dimensionWord(name) !== NEVER_KEPT) claims.attribute(name, value)
  } else claims.claim(index, value, provenance)
}

function sayAll(
  claims: Claims,
  rules: DimensionRules,
  entries: Readonly<Record<string, string>>,
  provenance: Provenance,
): void {
  for (const name of Object.keys(entries)) {
    say(claims, rules, name, entries[name] as string, provenance)
  }
}

function claimDeclaredHeaders(
  claims: Claims,
  rules: DimensionRules,
  values: Readonly<Record<string, string>>,
): void {
  for (let index = 0; index < rules.dimensions.length; index += 1) {
    for (const header of (rules.dimensions[index] as CompiledDimension).headers) {
      const value = values[header]
      if (value !== undefined) claims.claim(index, headerText(value), 'header')
    }
  }
}

/** Baggage is everybody's: only dimensions, and names that begin with `ledgerock.`, are ours to keep. */
function claimBaggage(claims: Claims, rules: DimensionRules, header: string): void {
  for (const [key, value] of readBaggage(header)) {
    const isOurs = key.startsWith('ledgerock.')
    const name = isOurs ? key.slice('ledgerock.'.length) : key
    if (isOurs || rules.indexOf.has(dimensionWord(name))) {
      say(claims, rules, name, value, 'baggage')
    }
  }
}

function claimLitellm(
  claims: Claims,
  rules: DimensionRules,
  values: Readonly<Record<string, string>>,
): void {
  for (const header of LITELLM_END_USERS) {
    const value = values[header]
    if (value !== undefined) say(claims, rules, 'user_id', headerText(value), 'litellm')
  }
  const metadata = values[LITELLM_METADATA]
  if (metadata !== undefined) {
    sayAll(claims, rules, jsonHeader(claims, LITELLM_METADATA, metadata), 'litellm')
  }
  const tags = values[LITELLM_TAGS]
  if (tags !== undefined) claimTags(claims, rules, headerText(tags))
}

/** LiteLLM's tags are free words; `team:search` and `team=search` name a dimension, the rest is kept as one attribute. */
function claimTags(claims: Claims, rules: DimensionRules, tags: string): void {
  const others: string[] = []
  for (const tag of tags.split(',', 64)) {
    const word = tag.trim()
    const at = word.search(/[:=]/)
    const index = at <= 0 ? undefined : rules.indexOf.get(dimensionWord(word.slice(0, at).trim()))
    if (index !== undefined) claims.claim(index, word.slice(at + 1).trim(), 'litellm')
    else if (word !== '') others.push(word)
  }
  if (others.length > 0) claims.attribute('tags', others.join(','))
}

/**
 * The entries of a header that holds a JSON object. Numbers and booleans are taken as their text, nested values are nobody's
 * dimension. Unreadable metadata is an error, not silence: somebody meant to say who pays.
 */
function jsonHeader(claims: Claims, header: string, value: string): Record<string, string> {
  const entries = Object.create(null) as Record<string, string>
  const parsed = value.length > METADATA_CHARACTERS_MAX ? undefined : parsedOf(headerText(value))
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    claims.invalid.push({ dimension: header, message: 'must hold a JSON object' })
    return entries
  }
  for (const [key, entry] of Object.entries(parsed)) {
    if (typeof entry === 'string') entries[key] = entry
    else if (typeof entry === 'number' || typeof entry === 'boolean') entries[key] = String(entry)
  }
  return entries
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
