// GetInferenceProfile of Bedrock's control plane: what stands behind a system profile or an application inference profile.
// As on AWS the answer does not name the profile an application profile was made from; the regions of its models tell, and a
// global one also lists its model without a region.

import { hash } from 'node:crypto'

import type { Geography } from './model-shape.ts'
import type { Exchange } from './exchange.ts'
import type { JsonObject } from './json-value.ts'
import { isRefusal, refuse, type Refusal } from './refusal.ts'
import { refusalReply } from './refusal-body.ts'
import { resolveModel, type ResolvedModel } from './resolve-model.ts'
import { decodeModelPath } from './route.ts'
import type { Simulation } from './simulation.ts'

export const PROFILES_PREFIX = '/inference-profiles/'

const CREATED_AT = '2026-01-15T09:00:00Z'

const REGIONS: Readonly<Record<Exclude<Geography, 'global'>, readonly string[]>> = {
  us: ['us-east-1', 'us-east-2', 'us-west-2'],
  eu: ['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-3'],
  apac: ['ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
  jp: ['ap-northeast-1', 'ap-northeast-3'],
  au: ['ap-southeast-2', 'ap-southeast-4'],
  ca: ['ca-central-1', 'us-east-1', 'us-east-2', 'us-west-2'],
  in: ['ap-south-1', 'ap-south-2'],
  'us-gov': ['us-gov-east-1', 'us-gov-west-1'],
}

export function serveInferenceProfile(
  simulation: Simulation,
  exchange: Exchange,
  body: Buffer,
): void {
  const nowMs = simulation.clock.now()
  const requestId = simulation.nextRequestId()
  const { method, path, query, headers } = exchange
  const bodySha256 = hash('sha256', body, 'hex')
  const request = { method, path, query, headers, bodySha256 }
  const caller = simulation.authenticate(request, 'bedrock', nowMs)
  const named = decodeModelPath(path.slice(PROFILES_PREFIX.length))
  simulation.sideCalls.add({
    service: 'control',
    action: 'GetInferenceProfile',
    atMs: nowMs,
    principalArn: isRefusal(caller) ? null : caller.principalArn,
    subject: typeof named === 'string' ? named : null,
  })
  const answer = simulation.isDown('control')
    ? refuse('ServiceUnavailableException', 'Service unavailable.')
    : isRefusal(caller)
      ? caller
      : typeof named === 'string'
        ? describe(simulation, named, caller.region, caller.accountId)
        : named
  if (isRefusal(answer)) {
    const reply = refusalReply(answer, { family: 'bedrock', requestId, model: null })
    exchange.head(reply.status, reply.headers)
    exchange.end(reply.body)
    return
  }
  const json = JSON.stringify(answer)
  exchange.head(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(json),
    'x-amzn-requestid': requestId,
  })
  exchange.end(json)
}

function describe(
  { inferenceProfiles }: Simulation,
  named: string,
  region: string,
  accountId: string,
): JsonObject | Refusal {
  const own = `arn:aws:bedrock:${region}:${accountId}:application-inference-profile/${named}`
  const arn = inferenceProfiles.has(own) ? own : named
  const resolved = resolveModel(arn, { region, accountId, inferenceProfiles })
  if (isRefusal(resolved))
    return resolved.type === 'ValidationException' ? missing(named) : resolved
  if (resolved.inferenceProfile === null) return missing(named)
  const isApplication = inferenceProfiles.has(arn)
  const id = arn.slice(arn.lastIndexOf('/') + 1)
  return {
    inferenceProfileName: isApplication ? `profile-${id}` : id,
    createdAt: CREATED_AT,
    updatedAt: CREATED_AT,
    inferenceProfileArn: isApplication
      ? arn
      : `arn:aws:bedrock:${region}:${accountId}:inference-profile/${id}`,
    models: modelArns(resolved, sourceOf(inferenceProfiles.get(arn) ?? id), region).map(
      (modelArn) => ({ modelArn }),
    ),
    inferenceProfileId: id,
    status: 'ACTIVE',
    type: isApplication ? 'APPLICATION' : 'SYSTEM_DEFINED',
  }
}

/** `us` of `us.anthropic.claude-…`, also inside the ARN of a system profile. */
function sourceOf(profile: string): string {
  const id = profile.slice(profile.lastIndexOf('/') + 1)
  return id.slice(0, id.indexOf('.'))
}

function modelArns(
  { model, scope }: ResolvedModel,
  geography: string,
  region: string,
): readonly string[] {
  const arn = (where: string): string => `arn:aws:bedrock:${where}::foundation-model/${model.id}`
  switch (scope) {
    case 'in-region':
      return [arn(region)]
    case 'global':
      return [arn(region), arn('')]
    case 'geo':
      return (Object.entries(REGIONS).find(([name]) => name === geography)?.[1] ?? [region]).map(
        arn,
      )
  }
}

function missing(named: string): Refusal {
  return refuse('ResourceNotFoundException', `Inference profile ${named} not found.`)
}
