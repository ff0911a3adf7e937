// StartAsyncInvoke, GetAsyncInvoke, ListAsyncInvokes. A job is billed when it is started, for what its input asks; a request
// that is sent again with the same token is the same job and is not billed again.

import { statusAt, type AsyncInvoke } from './async-invokes.ts'
import { resolveNamed } from './decide.ts'
import { isJsonObject, isString, type JsonObject } from './json-value.ts'
import { readAsyncInput } from './read-native.ts'
import { invalid, isRefusal, refuse, type Refusal } from './refusal.ts'
import { decodeModelPath } from './route.ts'
import { NO_USAGE, served, type Served } from './served.ts'
import type { ServiceRequest } from './service-request.ts'

const PAGE_MAX = 1_000

export function startAsyncInvoke(request: ServiceRequest): Served | Refusal {
  const { simulation, draft, body } = request
  const resolved = resolveNamed(simulation, draft, body['modelId'])
  if (isRefusal(resolved)) return resolved
  const { modelInput, outputDataConfig, clientRequestToken } = body
  if (!isJsonObject(modelInput)) return invalid(`'modelInput' is required.`)
  if (!isJsonObject(outputDataConfig) || !isS3(outputDataConfig['s3OutputDataConfig'])) {
    return invalid(`'outputDataConfig.s3OutputDataConfig.s3Uri' must name a place in S3.`)
  }
  const token = isString(clientRequestToken) ? clientRequestToken : null
  const known = token === null ? undefined : jobOf(request, token)
  if (known !== undefined) {
    return known.bodySha256 === draft.requestSha256
      ? served({ invocationArn: known.arn }, NO_USAGE)
      : refuse('ConflictException', 'The client request token was used for another request.')
  }
  const ask = readAsyncInput(modelInput, resolved.model)
  if (isRefusal(ask)) return ask
  const { region, accountId, requestId, atMs } = draft
  const arn = `arn:aws:bedrock:${region}:${accountId}:async-invoke/${idOf(requestId)}`
  simulation.asyncInvokes.add({
    arn,
    accountId,
    region,
    modelArn: `arn:aws:bedrock:${region}::foundation-model/${resolved.model.id}`,
    clientRequestToken: token,
    bodySha256: draft.requestSha256,
    outputDataConfig,
    submittedAtMs: atMs,
    doneAtMs: atMs + simulation.asyncInvokeMs,
  })
  draft.tierResolved = 'default'
  draft.variant = ask.variant
  const usage = { ...NO_USAGE, input: ask.prompt.tokens, other: ask.other }
  return served({ invocationArn: arn }, usage)
}

export function getAsyncInvoke({ simulation, draft }: ServiceRequest): Served | Refusal {
  const named = decodeModelPath(draft.modelPath)
  if (!isString(named)) return named
  const { accountId, region } = draft
  const arn = named.startsWith('arn:')
    ? named
    : `arn:aws:bedrock:${region}:${accountId}:async-invoke/${named}`
  const job = simulation.asyncInvokes.find(arn)
  if (job === undefined || job.accountId !== accountId || job.region !== region) {
    return refuse('ResourceNotFoundException', 'The async invocation does not exist.')
  }
  return served(summary(job, draft.atMs))
}

export function listAsyncInvokes({ simulation, draft, query }: ServiceRequest): Served | Refusal {
  const size = Number(query.get('maxResults') ?? PAGE_MAX)
  const from = Number(query.get('nextToken') ?? 0)
  if (!Number.isInteger(size) || size < 1 || size > PAGE_MAX || !Number.isInteger(from)) {
    return invalid(`'maxResults' must be between 1 and ${PAGE_MAX}.`)
  }
  const after = timeOf(query.get('submitTimeAfter')) ?? -Infinity
  const before = timeOf(query.get('submitTimeBefore')) ?? Infinity
  const status = query.get('statusEquals')
  const { accountId, region, atMs } = draft
  const jobs = simulation.asyncInvokes
    .list(accountId, region)
    .filter(
      (job) =>
        job.submittedAtMs > after &&
        job.submittedAtMs < before &&
        (status === null || statusAt(job, atMs) === status),
    )
  const sorted = query.get('sortOrder') === 'Ascending' ? jobs : jobs.toReversed()
  const page = sorted.slice(from, from + size)
  const more = from + size < sorted.length
  return served({
    asyncInvokeSummaries: page.map((job) => summary(job, atMs)),
    ...(more ? { nextToken: String(from + size) } : {}),
  })
}

function jobOf({ simulation, draft }: ServiceRequest, token: string): AsyncInvoke | undefined {
  return simulation.asyncInvokes
    .list(draft.accountId, draft.region)
    .find((job) => job.clientRequestToken === token)
}

function summary(job: AsyncInvoke, nowMs: number): JsonObject {
  const status = statusAt(job, nowMs)
  const changedAtMs = status === 'Completed' ? job.doneAtMs : job.submittedAtMs
  return {
    invocationArn: job.arn,
    modelArn: job.modelArn,
    ...(job.clientRequestToken === null ? {} : { clientRequestToken: job.clientRequestToken }),
    status,
    submitTime: isoTime(job.submittedAtMs),
    lastModifiedTime: isoTime(changedAtMs),
    ...(status === 'Completed' ? { endTime: isoTime(job.doneAtMs) } : {}),
    outputDataConfig: job.outputDataConfig,
  }
}

function isS3(config: unknown): boolean {
  return isJsonObject(config) && isString(config['s3Uri']) && config['s3Uri'].startsWith('s3://')
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

function timeOf(text: string | null): number | null {
  const ms = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? null : ms
}

function idOf(requestId: string): string {
  return requestId.replaceAll('-', '').slice(0, 12)
}
