// The short form of an opened line. `OPENED_KEYS` is the one table of its keys; a key that is absent stands for the value
// most calls have, and what is the same as something else in the line is said once.

import type { DimensionConflict, Scope, Tier } from '@ledgerock/contract'
import { timeOfUuidV7 } from '../kernel/ids.ts'
import { picodollars } from '../kernel/money.ts'
import { lengthenUses, shortenUses, type ShortUses } from './budgets-codec.ts'
import type { OpenedLine } from './line.ts'
import { packAmount, packSuffix, packUuid, unpackSuffix, unpackUuid } from './short-form.ts'

/** Dimensions that need no name in the short form, by place. Fixed for format 1: never reorder. */
const PLACED_DIMENSIONS = [
  'team',
  'application',
  'environment',
  'cost_center',
  'feature',
  'workflow_id',
  'tenant_id',
  'user_id',
] as const
const PLACE_OF: ReadonlyMap<string, number> = new Map(
  PLACED_DIMENSIONS.map((name, place) => [name, place]),
)

/** Operations by number. Fixed for format 1: only ever add at the end. */
const NUMBERED_OPERATIONS = [
  'converse',
  'converse-stream',
  'invoke',
  'invoke-with-response-stream',
] as const
const NUMBER_OF_OPERATION: ReadonlyMap<string, number> = new Map(
  NUMBERED_OPERATIONS.map((operation, number) => [operation, number]),
)
/** Regions by number. Fixed for format 1: only ever add at the end. */
const NUMBERED_REGIONS = [
  'us-east-1',
  'us-west-2',
  'us-east-2',
  'eu-central-1',
  'eu-west-1',
  'eu-west-3',
  'ap-northeast-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-south-1',
] as const
const NUMBER_OF_REGION: ReadonlyMap<string, number> = new Map(
  NUMBERED_REGIONS.map((region, number) => [region, number]),
)
/** Sources by letter. Fixed for format 1: only ever add. */
const LETTER_OF_SOURCE: Readonly<Record<string, string>> = {
  key: 'k',
  identity: 'i',
  header: 'h',
  metadata: 'm',
  request_metadata: 'r',
  baggage: 'b',
  litellm: 'l',
  portkey: 'p',
  default: 'd',
  unknown: 'u',
  overflow: 'o',
}
const SOURCE_OF_LETTER: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(LETTER_OF_SOURCE).map(([source, letter]) => [letter, source]),
)
/** In the short provenance: a placed dimension without one. More sources than digits are written by name. */
const NO_SOURCE = '-'
const SOURCES_MAX = 10

/** The table: short key, its field, and what its absence means. */
export type OpenedShort = {
  /** operation: by number, or as it is. Its key tells an opened line. */
  o: number | string
  /** callId: packed, or as it is. */
  i?: string
  I?: string
  /** logicalId: packed, or as it is; absent where it is the call id. */
  g?: string
  G?: string
  /** attempt; absent: 1. */
  n?: number
  /** startedAt, less the instant in the call id where that is packed; absent: 0. */
  t?: number
  /** endpoint; absent: runtime. */
  e?: 'mantle'
  /** stream; absent: false, except of an operation by number that has it in its name. */
  s?: 0 | 1
  /** accountId; absent: null. */
  a?: string
  /** region: by number, or as it is. */
  r: number | string
  /** modelRequested. */
  m: string
  /** modelId: characters to cut from modelRequested, or as it is; absent: null. */
  b?: number | string
  /** inferenceProfile: 1 where it is what was requested; absent: null. */
  p?: 1 | string
  /** scope; absent: null. */
  c?: Scope
  /** tier; absent: standard. */
  ti?: Tier
  /** traceId; absent: null. */
  x?: string
  /** keyName; absent: null. */
  kn?: string
  /** principalArn; absent: null. */
  pa?: string
  /** billedPrincipalArn: 1 where it is principalArn; absent: null. */
  bp?: 1 | string
  /** billedAccountId: 1 where it is accountId; absent: null. */
  ba?: 1 | string
  /** The placed dimensions by place, 0 where there is none; absent: none at all. */
  d?: (string | 0)[]
  /** Other dimensions: name, value, name, value … Names from outside are never keys: see `flatten`. */
  dx?: string[]
  /** attributes, likewise. */
  at?: string[]
  /**
   * provenance of placed dimensions: a letter for each one's source where all of them have one, else the number of each one's
   * source, then the sources.
   */
  pv?: string | string[]
  /** provenance of other dimensions: name, source, name, source … */
  px?: string[]
  /** conflicts: [dimension, kept, kept_source, ignored, ignored_source]. */
  cf?: string[][]
  /** inputEstimate; absent: 0. */
  ie?: number
  /** policyVersion; absent: 0. */
  po?: number
  /** boundUsd in units of `BOUND_STEP`, or in picodollars; absent: null. */
  bu?: number | string
  bU?: number | string
  /** boundTokens; absent: null. */
  bt?: number
  /** budgets (`budgets-codec.ts`); absent: none. */
  bg?: ShortUses
}

export const OPENED_KEYS: ReadonlySet<string> = new Set(
  'o i I g G n t e s a r m b p c ti x kn pa bp ba d dx at pv px cf ie po bu bU bt bg'.split(' '),
)

export function shortenOpened(line: OpenedLine): OpenedShort {
  const short: OpenedShort = {
    o: NUMBER_OF_OPERATION.get(line.operation) ?? line.operation,
    r: NUMBER_OF_REGION.get(line.region) ?? line.region,
    m: line.modelRequested,
  }
  const packed = packUuid(line.callId)
  if (packed === null) short.I = line.callId
  else short.i = packed
  const since = packed === null ? line.startedAt : line.startedAt - timeOfUuidV7(line.callId)
  if (since !== 0) short.t = since
  if (line.logicalId !== line.callId) {
    const packedLogical = packUuid(line.logicalId)
    if (packedLogical === null) short.G = line.logicalId
    else short.g = packedLogical
  }
  if (line.attempt !== 1) short.n = line.attempt
  if (line.endpoint !== 'runtime') short.e = line.endpoint
  if (line.stream !== isStreamByName(short.o)) short.s = line.stream ? 1 : 0
  if (line.accountId !== null) short.a = line.accountId
  if (line.modelId !== null) short.b = packSuffix(line.modelRequested, line.modelId)
  if (line.inferenceProfile !== null) {
    short.p = line.inferenceProfile === line.modelRequested ? 1 : line.inferenceProfile
  }
  if (line.scope !== null) short.c = line.scope
  if (line.tier !== 'standard') short.ti = line.tier
  if (line.traceId !== null) short.x = line.traceId
  shortenPrincipals(line, short)
  shortenDimensions(line.dimensions, short)
  const attributes = flatten(line.attributes)
  if (attributes.length > 0) short.at = attributes
  shortenProvenance(line.provenance, short)
  if (line.conflicts.length > 0) {
    short.cf = line.conflicts.map((conflict) => [
      conflict.dimension,
      conflict.kept,
      conflict.kept_source,
      conflict.ignored,
      conflict.ignored_source,
    ])
  }
  if (line.inputEstimate !== 0) short.ie = line.inputEstimate
  if (line.policyVersion !== 0) short.po = line.policyVersion
  shortenBound(line.boundUsd, short)
  if (line.boundTokens !== null) short.bt = line.boundTokens
  if (line.budgets.length > 0) short.bg = shortenUses(line.budgets, line.startedAt, short.d)
  return short
}

function isStreamByName(operation: OpenedShort['o']): boolean {
  return operation === 1 || operation === 3
}

/** Nearly all list prices are whole multiples of it for each token. */
const BOUND_STEP = 100_000n

function shortenBound(bound: OpenedLine['boundUsd'], short: OpenedShort): void {
  if (bound === null) return
  if (bound % BOUND_STEP === 0n) short.bu = packAmount(bound / BOUND_STEP)
  else short.bU = packAmount(bound)
}

function lengthenBound({ bu, bU }: OpenedShort): OpenedLine['boundUsd'] {
  if (bu !== undefined) return picodollars(BigInt(bu) * BOUND_STEP)
  return bU === undefined ? null : picodollars(BigInt(bU))
}

function shortenPrincipals(line: OpenedLine, short: OpenedShort): void {
  if (line.keyName !== null) short.kn = line.keyName
  if (line.principalArn !== null) short.pa = line.principalArn
  if (line.billedPrincipalArn !== null) {
    short.bp = line.billedPrincipalArn === line.principalArn ? 1 : line.billedPrincipalArn
  }
  if (line.billedAccountId !== null) {
    short.ba = line.billedAccountId === line.accountId ? 1 : line.billedAccountId
  }
}

function shortenDimensions(dimensions: OpenedLine['dimensions'], short: OpenedShort): void {
  let placed: (string | 0)[] | null = null
  let named: string[] | null = null
  for (const name in dimensions) {
    const value = dimensions[name] as string
    const place = PLACE_OF.get(name)
    if (place === undefined) {
      named ??= []
      named.push(name, value)
    } else {
      placed ??= []
      while (placed.length < place) placed.push(0)
      placed[place] = value
    }
  }
  if (placed !== null) short.d = placed
  if (named !== null) short.dx = named
}

function shortenProvenance(provenance: OpenedLine['provenance'], short: OpenedShort): void {
  const letters = lettersOf(provenance)
  if (letters === null) return shortenByNumber(provenance, short)
  if (letters !== '') short.pv = letters
}

/** Null where a dimension has no place, or a source no letter. */
function lettersOf(provenance: OpenedLine['provenance']): string | null {
  const letters: string[] = []
  for (const name in provenance) {
    const source = provenance[name] as string
    const place = PLACE_OF.get(name)
    if (place === undefined || !Object.hasOwn(LETTER_OF_SOURCE, source)) return null
    while (letters.length < place) letters.push(NO_SOURCE)
    letters[place] = LETTER_OF_SOURCE[source] as string
  }
  return letters.join('')
}

function shortenByNumber(provenance: OpenedLine['provenance'], short: OpenedShort): void {
  let codes: string[] | null = null
  const sources: string[] = []
  let named: string[] | null = null
  for (const name in provenance) {
    const source = provenance[name] as string
    const place = PLACE_OF.get(name)
    let number = sources.indexOf(source)
    if (place === undefined || (number === -1 && sources.length === SOURCES_MAX)) {
      named ??= []
      named.push(name, source)
      continue
    }
    if (number === -1) number = sources.push(source) - 1
    codes ??= []
    while (codes.length < place) codes.push(NO_SOURCE)
    codes[place] = String(number)
  }
  if (codes !== null) short.pv = [codes.join(''), ...sources]
  if (named !== null) short.px = named
}

/** Pairs in a row. The JSON.parse of V8 12 to 14 can misread an escaped key (nodejs/node#63785), never a value. */
function flatten(texts: Readonly<Record<string, string>>): string[] {
  const flat: string[] = []
  for (const name in texts) flat.push(name, texts[name] as string)
  return flat
}

function pairsOf(flat: readonly string[] | undefined): [string, string][] {
  const pairs: [string, string][] = []
  if (flat === undefined) return pairs
  for (let at = 0; at + 1 < flat.length; at += 2) {
    pairs.push([flat[at] as string, flat[at + 1] as string])
  }
  return pairs
}

export function lengthenOpened(short: OpenedShort): OpenedLine {
  const callId = short.i === undefined ? (short.I as string) : unpackUuid(short.i)
  const startedAt = (short.i === undefined ? 0 : timeOfUuidV7(callId)) + (short.t ?? 0)
  const accountId = short.a ?? null
  const principalArn = short.pa ?? null
  return {
    kind: 'opened',
    callId,
    logicalId: short.g === undefined ? (short.G ?? callId) : unpackUuid(short.g),
    attempt: short.n ?? 1,
    startedAt,
    operation: typeof short.o === 'number' ? (NUMBERED_OPERATIONS[short.o] as string) : short.o,
    endpoint: short.e ?? 'runtime',
    stream: short.s === undefined ? isStreamByName(short.o) : short.s === 1,
    accountId,
    region: typeof short.r === 'number' ? (NUMBERED_REGIONS[short.r] as string) : short.r,
    modelRequested: short.m,
    modelId: short.b === undefined ? null : unpackSuffix(short.m, short.b),
    inferenceProfile: short.p === 1 ? short.m : (short.p ?? null),
    scope: short.c ?? null,
    tier: short.ti ?? 'standard',
    traceId: short.x ?? null,
    keyName: short.kn ?? null,
    principalArn,
    billedPrincipalArn: short.bp === 1 ? principalArn : (short.bp ?? null),
    billedAccountId: short.ba === 1 ? accountId : (short.ba ?? null),
    dimensions: lengthenDimensions(short),
    attributes: Object.fromEntries(pairsOf(short.at)),
    provenance: lengthenProvenance(short),
    conflicts: (short.cf ?? []).map(lengthenConflict),
    inputEstimate: short.ie ?? 0,
    policyVersion: short.po ?? 0,
    boundUsd: lengthenBound(short),
    boundTokens: short.bt ?? null,
    budgets: short.bg === undefined ? [] : lengthenUses(short.bg, startedAt, short.d),
  }
}

// `Object.fromEntries` and not assignment: a dimension may be called `__proto__`.
function lengthenDimensions(short: OpenedShort): Readonly<Record<string, string>> {
  const entries: [string, string][] = []
  for (const [place, value] of (short.d ?? []).entries()) {
    const name = PLACED_DIMENSIONS[place]
    if (value !== 0 && name !== undefined) entries.push([name, value])
  }
  return Object.fromEntries([...entries, ...pairsOf(short.dx)])
}

function lengthenProvenance(short: OpenedShort): Readonly<Record<string, string>> {
  const entries: [string, string][] = []
  if (typeof short.pv === 'string') {
    for (const [place, name] of PLACED_DIMENSIONS.entries()) {
      const source = SOURCE_OF_LETTER[short.pv[place] ?? NO_SOURCE]
      if (source !== undefined) entries.push([name, source])
    }
    return Object.fromEntries(entries)
  }
  const [codes = '', ...sources] = short.pv ?? []
  for (const [place, name] of PLACED_DIMENSIONS.entries()) {
    const code = codes[place] ?? NO_SOURCE
    const source = code === NO_SOURCE ? undefined : sources[Number(code)]
    if (source !== undefined) entries.push([name, source])
  }
  return Object.fromEntries([...entries, ...pairsOf(short.px)])
}

function lengthenConflict(short: readonly string[]): DimensionConflict {
  const [dimension = '', kept = '', keptSource = '', ignored = '', ignoredSource = ''] = short
  return {
    dimension,
    kept,
    kept_source: keptSource,
    ignored,
    ignored_source: ignoredSource,
  }
}
