// ApplyGuardrail and InvokeGuardrailChecks. A guardrail is one the simulator was given, or any other identifier with the
// default policies when it was given none.

import {
  BLOCK_MARKER,
  isBlocked,
  POLICIES_DEFAULT,
  policyUnits,
  textUnits,
  type GuardrailPolicy,
} from './guardrail.ts'
import { isJsonObject, isString, itemsOf, type JsonObject } from './json-value.ts'
import { invalid, isRefusal, refuse, type Refusal } from './refusal.ts'
import { decodeModelPath } from './route.ts'
import { served, unitsUsed, type Served } from './served.ts'
import type { ServiceRequest } from './service-request.ts'
import type { Simulation } from './simulation.ts'

const BLOCKED_TEXT = 'Sorry, the model cannot answer this question.'
const LATENCY_MS = 120
type Check = readonly [
  name: string,
  kind: `text_units_${string}`,
  categories: readonly string[] | null,
]

/** Sensitive information has entities instead of categories; none is ever found. */
const CHECKS: readonly Check[] = [
  [
    'contentFilter',
    'text_units_checks_content',
    ['HATE', 'INSULTS', 'MISCONDUCT', 'SEXUAL', 'VIOLENCE'],
  ],
  [
    'promptAttack',
    'text_units_checks_prompt_attack',
    ['JAILBREAK', 'PROMPT_INJECTION', 'PROMPT_LEAKAGE'],
  ],
  ['sensitiveInformation', 'text_units_checks_sensitive_information', null],
]

export function applyGuardrail({ simulation, draft, body }: ServiceRequest): Served | Refusal {
  const path = decodeModelPath(draft.modelPath)
  if (typeof path !== 'string') return path
  const [, identifier = '', version = ''] = /^(.+)\/version\/([^/]+)$/.exec(path) ?? []
  draft.modelRequested = `guardrail/${identifier}/${version}`
  const policies = policiesOf(simulation, identifier)
  if (policies === null || !/^(DRAFT|[1-9]\d{0,7})$/.test(version)) {
    return refuse(
      'ResourceNotFoundException',
      'The guardrail identifier or version provided in the request does not exist.',
    )
  }
  if (body['source'] !== 'INPUT' && body['source'] !== 'OUTPUT') {
    return invalid(`Value at 'source' must be one of [INPUT, OUTPUT].`)
  }
  const content = readContent(body['content'])
  if (isRefusal(content)) return content
  const { texts, images } = content
  const characters = texts.reduce((sum, text) => sum + text.length, 0)
  const blocked = isBlocked(texts)
  const used = policyUnits(policies, characters, images)
  const usage = usageJson(policies, textUnits(characters), images)
  const coverage = {
    textCharacters: { guarded: characters, total: characters },
    ...(images > 0 ? { images: { guarded: images, total: images } } : {}),
  }
  const invocationMetrics = {
    guardrailProcessingLatency: LATENCY_MS,
    usage,
    guardrailCoverage: coverage,
  }
  const answer = {
    usage,
    action: blocked ? 'GUARDRAIL_INTERVENED' : 'NONE',
    actionReason: blocked ? 'Guardrail blocked.' : 'No action.',
    outputs: blocked ? [{ text: BLOCKED_TEXT }] : [],
    assessments: [{ ...(blocked ? findings() : {}), invocationMetrics }],
    guardrailCoverage: coverage,
  }
  return served(answer, unitsUsed(used))
}

function policiesOf(simulation: Simulation, identifier: string): readonly GuardrailPolicy[] | null {
  const id = identifier.slice(identifier.lastIndexOf('/') + 1)
  if (!/^[a-z0-9]{1,64}$/.test(id)) return null
  const { guardrails } = simulation
  return guardrails === null ? POLICIES_DEFAULT : (guardrails.get(id) ?? null)
}

function readContent(
  value: unknown,
): { readonly texts: readonly string[]; readonly images: number } | Refusal {
  if (!Array.isArray(value) || value.length === 0) return invalid(`'content' must not be empty.`)
  const texts: string[] = []
  let images = 0
  for (const [index, block] of value.entries()) {
    const text = isJsonObject(block) && isJsonObject(block['text']) ? block['text']['text'] : null
    if (isString(text)) texts.push(text)
    else if (isJsonObject(block) && isJsonObject(block['image'])) images += 1
    else return invalid(`content.${index} must have a text or an image.`)
  }
  return { texts, images }
}

/** Every policy is named, those that looked at nothing with 0; the two rarer ones only where they are set up. */
function usageJson(
  policies: readonly GuardrailPolicy[],
  units: number,
  images: number,
): JsonObject {
  const of = (policy: GuardrailPolicy): number => (policies.includes(policy) ? units : 0)
  return {
    topicPolicyUnits: of('topic'),
    contentPolicyUnits: of('content'),
    wordPolicyUnits: of('word'),
    sensitiveInformationPolicyUnits: of('sensitive_information'),
    sensitiveInformationPolicyFreeUnits: of('sensitive_information_free'),
    contextualGroundingPolicyUnits: of('contextual_grounding'),
    ...(images > 0 && policies.includes('content') ? { contentPolicyImageUnits: images } : {}),
    ...(policies.includes('automated_reasoning')
      ? { automatedReasoningPolicyUnits: units, automatedReasoningPolicies: 1 }
      : {}),
  }
}

function findings(): JsonObject {
  const word = { match: BLOCK_MARKER, action: 'BLOCKED', detected: true }
  return { wordPolicy: { customWords: [word], managedWordLists: [] } }
}

export function invokeGuardrailChecks({ draft, body }: ServiceRequest): Served | Refusal {
  draft.modelRequested = 'guardrail-checks'
  const texts = readMessages(body['messages'])
  if (isRefusal(texts)) return texts
  const checks = isJsonObject(body['checks']) ? body['checks'] : {}
  const units = textUnits(texts.texts.reduce((sum, text) => sum + text.length, 0))
  const score = isBlocked(texts.texts) ? 0.99 : 0.01
  const results: { [check: string]: JsonObject } = {}
  const usage: { [check: string]: JsonObject } = {}
  const used: { [kind: `text_units_${string}`]: number } = {}
  for (const [check, kind, known] of CHECKS) {
    const config = checks[check]
    if (!isJsonObject(config)) continue
    usage[check] = { textUnits: units }
    used[kind] = units
    if (known === null) {
      results[check] = { results: [] }
      continue
    }
    const asked = itemsOf(config['categories']).map((item) =>
      isJsonObject(item) ? String(item['category']) : '',
    )
    const unknown = asked.find((category) => !known.includes(category))
    if (unknown !== undefined) return invalid(`'${unknown}' is no category of ${check}.`)
    results[check] = { results: asked.map((category) => ({ category, severityScore: score })) }
  }
  if (Object.keys(results).length === 0) return invalid(`'checks' must name at least one check.`)
  return served({ results, usage }, unitsUsed(used))
}

function readMessages(value: unknown): { readonly texts: readonly string[] } | Refusal {
  if (!Array.isArray(value) || value.length === 0) return invalid(`'messages' must not be empty.`)
  const texts: string[] = []
  for (const [index, message] of value.entries()) {
    const blocks = isJsonObject(message) ? itemsOf(message['content']) : []
    for (const block of blocks) {
      if (!isJsonObject(block) || !isString(block['text'])) {
        return invalid(`messages.${index}.content must be texts.`)
      }
      texts.push(block['text'])
    }
  }
  return { texts }
}
