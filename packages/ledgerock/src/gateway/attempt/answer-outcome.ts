// What an attempt comes to, from what was seen of it: pure, so that every way an exchange can end is a few values here. An
// exchange brings them, and settles with the result.

import type { IncomingHttpHeaders } from 'node:http'
import type { Interrupter, UsageSource } from '@ledgerock/contract'
import { errorTypeOf, statusOf } from '../../bedrock/error.ts'
import { isFree, type ApiFamily, type Operation } from '../../bedrock/route.ts'
import type { MeteredUsage, UsageReading } from '../../bedrock/usage/usage-meter.ts'
import type { Outcome } from './settle.ts'

export type Seen = {
  readonly family: ApiFamily
  readonly operation: Operation
  /** Of Bedrock's answer; 0: none came. */
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly isStream: boolean
  readonly clientGone: boolean
  /** What the client is told where Bedrock told nothing; null where nobody is there to be told. */
  readonly ownStatus: number | null
  /** The request went onto a connection: it may have been used, and is charged. */
  readonly sent: boolean
}

/** Bedrock answered to the end, or to the end of its usage. */
export function answered(seen: Seen, reading: UsageReading): Outcome {
  const errorType =
    exceptionName(reading) ??
    errorTypeOf(firstOf(seen.headers['x-amzn-errortype']), seen.family, seen.status)
  const status = statusOf(seen.status, errorType)
  const isCut = seen.isStream && status === 'ok' && !reading.final
  // An error answer is not charged; an exception inside a stream comes after tokens were made.
  const isBillable = status === 'ok' || reading.exception !== null
  return {
    ...facts(seen, reading),
    status: seen.clientGone ? 'interrupted' : status,
    interruptedBy: seen.clientGone ? 'client' : null,
    refusal: null,
    errorType,
    usage: isBillable ? reading.usage : {},
    usageSource: isBillable ? sourceOf(seen, isCut, reading) : 'response',
  }
}

/** The answer broke off, or never began; `unanswered` is what such a call has probably used. */
export function interrupted(
  seen: Seen,
  by: Interrupter,
  reading: UsageReading | null,
  unanswered: () => MeteredUsage,
): Outcome {
  const isUncharged = !seen.sent || seen.status >= 400
  return {
    ...facts(seen, reading),
    status: 'interrupted',
    interruptedBy: by,
    refusal: null,
    errorType: null,
    usage: isUncharged ? {} : (reading?.usage ?? unanswered()),
    usageSource: isUncharged ? 'response' : (reading?.usageSource ?? 'estimated'),
  }
}

/** The connection could not be made: nothing was sent, so nothing was used. */
export function unreachable(seen: Seen): Outcome {
  return {
    ...facts(seen, null),
    status: 'refused',
    interruptedBy: null,
    refusal: 'upstream_unreachable',
    errorType: null,
    usage: {},
    usageSource: 'response',
  }
}

type Facts = Pick<
  Outcome,
  'httpStatus' | 'awsRequestId' | 'variant' | 'free' | 'rawUsage' | 'tierResolved' | 'tierUnknown'
>

function facts(seen: Seen, reading: UsageReading | null): Facts {
  return {
    httpStatus: seen.status === 0 ? seen.ownStatus : seen.status,
    awsRequestId: firstOf(seen.headers['x-amzn-requestid']) ?? null,
    variant: reading?.variant ?? null,
    free: reading?.free ?? (!seen.sent || isFree(seen.operation)),
    rawUsage: reading?.rawUsage ?? null,
    tierResolved: reading?.tierResolved ?? null,
    tierUnknown: reading?.problems.includes('unknown_tier') ?? false,
  }
}

function sourceOf(seen: Seen, isCut: boolean, { usageSource }: UsageReading): UsageSource {
  const isDrained = seen.clientGone && !isCut && usageSource === 'response'
  return isDrained ? 'drained' : usageSource
}

/**
 * An exception in one of AWS's frames is named as a field (`throttlingException`); the SDKs and the header name it as a type.
 * The errors in OpenAI's and Anthropic's events (`rate_limit_error`) are named as everywhere else.
 */
function exceptionName({ exception }: UsageReading): string | null {
  if (exception === null) return null
  const { type } = exception
  return type.endsWith('Exception') ? type.charAt(0).toUpperCase() + type.slice(1) : type
}

export function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
