// A call as a bill sees it: when, in which account, by whom, of what; and what nobody sees on the bill: whose it truly was and
// whether a ledger knows of it. Calls the simulator served become such calls; a synthetic month is made of them.

import type { SimulatedCall, SimulatedUsage } from '../call-record.ts'
import type { PriceTier } from '../price-row.ts'
import type { Scope } from '../resolve-model.ts'
import { NO_WORDS, type Words } from './bill-row.ts'
import type { Owner } from './bill-truth.ts'

export type BilledTier = PriceTier | 'batch'

export type BilledCall = {
  readonly id: string
  readonly atMs: number
  /** The hour that bills it: later than the call for one that crosses the hour. */
  readonly billedAtMs: number
  readonly accountId: string
  readonly region: string
  readonly modelId: string
  readonly inferenceProfile: string | null
  /** What `line_item_resource_id` will name. */
  readonly resourceId: string
  readonly scope: Scope
  readonly tier: BilledTier
  readonly stream: boolean
  readonly endpoint: 'runtime' | 'mantle'
  /** A guardrail has prices of its own. */
  readonly operation: 'inference' | 'ApplyGuardrail' | 'InvokeGuardrailChecks'
  readonly usage: SimulatedUsage
  /** The session or user the bill names; empty where it names nobody. */
  readonly principal: string
  readonly sessionTags: Words
  readonly owner: Owner | null
  readonly via: 'gateway' | 'direct'
  /** What the ledger holds of it: null if nothing, other counts where it had to estimate. */
  readonly meteredUsage: SimulatedUsage | null
}

export type ServedCallFacts = {
  readonly owner: Owner | null
  readonly via: 'gateway' | 'direct'
  readonly isMetered: boolean
}

/** Dimensions a gateway puts into session tags. */
function tagsAsOwner(call: SimulatedCall): ServedCallFacts {
  const tags = Object.entries(call.session_tags)
  const owner = tags.length === 0 ? null : Object.fromEntries(tags)
  return { owner, via: 'gateway', isMetered: true }
}

/** Those of the calls that cost something; `factsOf` says what the simulator cannot know. */
export function billedCalls(
  calls: readonly SimulatedCall[],
  factsOf: (call: SimulatedCall) => ServedCallFacts = tagsAsOwner,
): readonly BilledCall[] {
  return calls.flatMap((call) => {
    const { usage } = call
    const isGuardrail =
      call.operation === 'ApplyGuardrail' || call.operation === 'InvokeGuardrailChecks'
    if (usage === null || call.cost_usd === '0') return []
    if (!isGuardrail && (call.model_id === null || call.scope === null || call.tier === null)) {
      return []
    }
    const { owner, via, isMetered } = factsOf(call)
    const atMs = Date.parse(call.at)
    return [
      {
        id: call.request_id,
        atMs,
        billedAtMs: atMs,
        accountId: call.account_id,
        region: call.region,
        modelId: call.model_id ?? '',
        inferenceProfile: call.inference_profile,
        resourceId: isGuardrail
          ? guardrailArn(call)
          : resourceIdOf({ ...call, model_id: call.model_id ?? '' }),
        scope: call.scope ?? 'in-region',
        tier: call.tier ?? 'standard',
        stream: call.stream,
        endpoint: call.endpoint,
        operation: operationOf(call),
        usage,
        principal: call.principal_arn ?? '',
        sessionTags: { ...NO_WORDS, ...call.session_tags },
        owner,
        via,
        meteredUsage: isMetered ? usage : null,
      },
    ]
  })
}

function operationOf({ operation }: SimulatedCall): BilledCall['operation'] {
  if (operation === 'ApplyGuardrail' || operation === 'InvokeGuardrailChecks') return operation
  return 'inference'
}

/** The model, the profile that was called, or the project on mantle. */
export function resourceIdOf(call: {
  readonly region: string
  readonly account_id: string
  readonly model_id: string
  readonly inference_profile: string | null
  readonly headers?: SimulatedCall['headers']
}): string {
  const { region, account_id: account, inference_profile: profile, headers } = call
  const project =
    headers?.['openai-project'] ??
    headers?.['anthropic-workspace'] ??
    headers?.['anthropic-workspace-id']
  if (project?.startsWith('proj_') === true) {
    return `arn:aws:bedrock-mantle:${region}:${account}:project/${project}`
  }
  if (profile === null) return `arn:aws:bedrock:${region}::foundation-model/${call.model_id}`
  if (profile.startsWith('arn:')) return profile
  return `arn:aws:bedrock:${region}:${account}:inference-profile/${profile}`
}

function guardrailArn({
  region,
  account_id: account,
  model_requested: asked,
}: SimulatedCall): string {
  const [, id = ''] = /^guardrail\/([^/]+)/.exec(asked ?? '') ?? []
  return id === '' ? '' : `arn:aws:bedrock:${region}:${account}:guardrail/${id}`
}
