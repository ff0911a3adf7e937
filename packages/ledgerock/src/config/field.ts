// The kinds of value the configuration is made of, as zod schemas. Each says in its message what is wanted and never repeats
// what it was given: the loader adds the text from the file, which holds `${NAME}` and not the secret behind it.

import { isIP } from 'node:net'
import * as z from 'zod'
import { BYTE_SIZE_PATTERN, parseByteSize } from './byte-size.ts'
import { isoTime } from '../kernel/time.ts'
import { DURATION_PATTERN, parseDuration } from './duration.ts'
import { parseInstant } from './instant.ts'

const NOT_YET = 'not supported yet'

/** A closed choice some of whose values wait for their feature. */
export function choice<const Ready extends string>(
  ready: readonly Ready[],
  later: readonly string[],
): z.ZodEnum<{ [Value in Ready]: Value }> {
  return z.enum(ready, {
    error: ({ input }) =>
      typeof input === 'string' && later.includes(input)
        ? NOT_YET
        : `must be ${ready.join(' or ')}`,
  })
}

export function onlyNull(feature: string): z.ZodNull {
  return z.null({ error: NOT_YET }).meta({ description: `${feature}: ${NOT_YET}; only null.` })
}

export function wholeNumber(min: number, max: number): z.ZodNumber {
  const message = `must be a whole number from ${min} to ${max}`
  return z.int({ error: message }).min(min, { error: message }).max(max, { error: message })
}

export const portNumber = wholeNumber(0, 65_535)

const DURATION_WANTED = 'must be a duration such as 20ms, 10s, 60m, 24h or 400d'

export const duration = z
  .string({ error: DURATION_WANTED })
  .regex(DURATION_PATTERN, { error: DURATION_WANTED, abort: true })
  .refine((text) => parseDuration(text) !== null, { error: 'must be at most 36500d' })
  .transform((text) => parseDuration(text) ?? 0)

export function durationBetween(min: string, max: string): typeof duration {
  const [low, high] = [parseDuration(min) ?? 0, parseDuration(max) ?? 0]
  return duration.refine((ms) => ms >= low && ms <= high, {
    error: `must be from ${min} to ${max}`,
  })
}

const KEPT_WANTED = 'must be a duration such as 400d, or forever'
const KEPT = /^([0-9]{1,12}(ms|s|m|h|d)|forever)$/

/** How long something is kept: null is for ever. */
export const kept = z
  .string({ error: KEPT_WANTED })
  .regex(KEPT, { error: KEPT_WANTED, abort: true })
  .transform((text) => (text === 'forever' ? null : parseDuration(text)))
  .refine((ms) => ms === null || ms >= 3_600_000, { error: 'must be at least 1h, or forever' })

/** For what nothing deletes yet: a shorter time would be a promise that is not kept. */
export function onlyForever(what: string): z.ZodLiteral<'forever'> {
  return z
    .literal('forever', {
      error: ({ input }) => (typeof input === 'string' && KEPT.test(input) ? NOT_YET : KEPT_WANTED),
    })
    .meta({ description: `${what}; a shorter time is ${NOT_YET}.` })
}

const SIZE_WANTED = 'must be a size such as 512MiB or 10GiB'

export const byteSize = z
  .string({ error: SIZE_WANTED })
  .regex(BYTE_SIZE_PATTERN, { error: SIZE_WANTED, abort: true })
  .refine((text) => parseByteSize(text) !== null, { error: 'must be at most 8191TiB' })
  .transform((text) => parseByteSize(text) ?? 0)

const HOST_WANTED = 'must be a host name or an IP address'

export const host = z
  .string({ error: HOST_WANTED })
  .refine((text) => isIP(text) !== 0 || /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(text), {
    error: HOST_WANTED,
  })

const CIDR_WANTED = 'must be an address range such as 10.0.0.0/8'

export const addressRange = z.string({ error: CIDR_WANTED }).refine(isAddressRange, {
  error: CIDR_WANTED,
})

function isAddressRange(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0 || !/^[0-9]{1,3}$/.test(bits)) return false
  return Number(bits) <= (family === 4 ? 32 : 128)
}

/** A URL of one of the schemes; the text is kept as it was written. */
export function url(schemes: readonly string[], wanted: string): z.ZodString {
  return z.string({ error: wanted }).refine(
    (text) => {
      const parsed = URL.parse(text)
      return parsed !== null && schemes.includes(parsed.protocol) && parsed.hostname !== ''
    },
    { error: wanted },
  )
}

export function textOf(pattern: RegExp, wanted: string): z.ZodString {
  return z.string({ error: wanted }).regex(pattern, { error: wanted })
}

/** A dimension's value, as the gateway accepts it: short and printable. */
export const dimensionValue = textOf(
  /^[\u0021-\u007e\u00a0-\uffff]([\u0020-\u007e\u00a0-\uffff]{0,254}[\u0021-\u007e\u00a0-\uffff])?$/,
  'must be 1 to 256 printable characters without space at the ends',
)

/** Dimensions and the values a rule holds for. */
export const when = z.record(z.string(), dimensionValue, {
  error: 'must be a map of dimension: value',
})

export const yesOrNo = z.boolean({ error: 'must be true or false' })

export const regionName = textOf(
  /^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/,
  'must be a region such as us-east-1',
)

/** A choice of words that all work. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
): z.ZodEnum<{ [Value in Word]: Value }> {
  return z.enum(words, { error: `must be ${words.join(' or ')}` })
}

const SHARE_WANTED = 'must be a share from 0% to 100%'

export const share = z
  .string({ error: SHARE_WANTED })
  .regex(/^(100|[1-9]?[0-9])%$/, { error: SHARE_WANTED, abort: true })
  .transform((text) => Number(text.slice(0, -1)))

const INSTANT_WANTED =
  'must be a day such as 2026-10-01 (UTC), or a time such as 2026-10-01T09:00:00Z'

/** As ISO 8601 in UTC. */
const instant = z
  .string({ error: INSTANT_WANTED })
  .refine((text) => parseInstant(text) !== null, { error: INSTANT_WANTED, abort: true })
  .transform((text) => isoTime(parseInstant(text) ?? 0))

/** When something is in force: from the first instant to before the last. */
export const validity = {
  from: instant
    .nullable()
    .default(null)
    .meta({ description: 'Since when, inclusive; null: always.' }),
  to: instant
    .nullable()
    .default(null)
    .meta({ description: 'Until when, exclusive; null: no end.' }),
}

export const variableName = textOf(
  /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
  'must be the name of an environment variable',
)
