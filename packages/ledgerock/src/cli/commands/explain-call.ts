// One call, laid out for a person. Everything printed comes from the record; nothing is computed here but alignment.

import type { ChargeLine, DimensionConflict } from '@ledgerock/contract'
import { RESERVED_NAMES } from '../../config/reserved-names.ts'
import { chargeTable, paidByTheHour, rateTable } from './charges.ts'
import { grouped, visible } from '../table.ts'

export type CallAnswer = {
  readonly call: Readonly<Record<string, unknown>>
  readonly attempts: readonly Readonly<Record<string, unknown>>[]
  readonly versions: readonly Readonly<Record<string, unknown>>[]
}

export type RateSource = {
  readonly layer: string
  readonly source: string
  readonly source_date: string
  readonly derived_by: string | null
  /** Of a percentage: where its list price is from. */
  readonly base_source?: string | null
  readonly base_source_date?: string | null
}
/** By rate id; a rate nobody knows any more is left out. */
export type RateSources = ReadonlyMap<string, RateSource>

type Call = CallAnswer['call']
type Line = readonly [label: string, value: string | null]

const USAGE_FIELDS = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_30m_tokens',
  'cache_write_1h_tokens',
] as const

export function chargesOf(call: Call): readonly ChargeLine[] {
  return list(call, 'charges') as readonly ChargeLine[]
}

export function explainCall(
  { call, attempts, versions }: CallAnswer,
  sources: RateSources,
): string {
  return [
    section(`Call ${text(call, 'call_id') ?? ''}`, outcomeOf(call)),
    section('Who', whoOf(call)),
    conflictsOf(call),
    section('Model', modelOf(call)),
    section('Usage', usageOf(call)),
    costOf(call, sources),
    section('Time', timeOf(call)),
    section('Ids', idsOf(call)),
    othersOf(call, attempts, versions),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function outcomeOf(call: Call): readonly Line[] {
  const interrupted = text(call, 'interrupted_by')
  return [
    [
      'status',
      `${text(call, 'status') ?? '-'}${interrupted === null ? '' : ` by the ${interrupted}`}`,
    ],
    ['refusal', text(call, 'refusal')],
    ['HTTP status', text(call, 'http_status')],
    ['error', text(call, 'error_type')],
    ['source', `${text(call, 'source') ?? '-'}, via ${text(call, 'via') ?? '-'}`],
  ]
}

/** The dimensions, which stand beside the record's own fields, each with the reason for its value. */
function whoOf(call: Call): readonly Line[] {
  const provenance = map(call, 'provenance')
  const attributes = map(call, 'attributes')
  const dimensions = Object.keys(call).filter((name) => !RESERVED_NAMES.has(name))
  return [
    ['key', text(call, 'key_name')],
    ['principal', text(call, 'principal_arn')],
    ['billed principal', text(call, 'billed_principal_arn')],
    ['billed account', text(call, 'billed_account_id')],
    ...dimensions.map((name): Line => {
      const source = text(provenance, name)
      return [name, `${text(call, name) ?? '-'}${source === null ? '' : `  (${source})`}`]
    }),
    ...Object.keys(attributes).map((name): Line => {
      return [name, `${text(attributes, name) ?? '-'}  (attribute)`]
    }),
  ]
}

function conflictsOf(call: Call): string {
  const conflicts = list(call, 'conflicts') as readonly DimensionConflict[]
  return section(
    'Conflicts',
    conflicts.map(({ dimension, kept, kept_source, ignored, ignored_source }) => [
      dimension,
      `kept ${kept} (${kept_source}), ignored ${ignored} (${ignored_source})`,
    ]),
  )
}

function modelOf(call: Call): readonly Line[] {
  return [
    ['asked for', text(call, 'model_requested')],
    ['served', text(call, 'model_id') ?? 'not resolved'],
    ['profile', text(call, 'inference_profile')],
    [
      'operation',
      `${text(call, 'operation') ?? '-'}${call['stream'] === true ? ', streamed' : ''}`,
    ],
    ['region', text(call, 'region')],
    ['ran in', text(call, 'inference_region')],
    ['scope', text(call, 'scope')],
    ['tier', text(call, 'tier')],
    ['changes', list(call, 'changes').join(', ') || null],
  ]
}

function usageOf(call: Call): readonly Line[] {
  const kinds = USAGE_FIELDS.filter((field) => call[field] !== 0 && call[field] !== undefined)
  const other = map(call, 'other_usage')
  return [
    ...kinds.map((field): Line => [
      field.replace(/_tokens$/, '').replaceAll('_', ' '),
      text(call, field),
    ]),
    ...Object.keys(other).map((kind): Line => [kind.replaceAll('_', ' '), text(other, kind)]),
    ['counted by', text(call, 'usage_source')],
  ]
}

function costOf(call: Call, sources: RateSources): string {
  const charges = chargesOf(call)
  const cost = text(call, 'cost_usd')
  const lines: readonly Line[] = [
    ['total USD', cost ?? `unpriced (${text(call, 'unpriced_reason') ?? 'no reason given'})`],
    ['paid elsewhere', cost === null ? paidByTheHour(call) : null],
    ['said by the client', text(call, 'client_cost_usd')],
    ['price book', text(call, 'price_book_version')],
  ]
  const heading = section('Cost', lines)
  if (charges.length === 0) return heading
  const explained = charges.map((charge) => ({ ...charge, ...sources.get(charge.rate_id) }))
  const rates = rateTable(explained)
  const tables = `${chargeTable(explained)}${rates === '' ? '' : `\n${rates}`}`
  return `${heading}${indented(tables)}`
}

function timeOf(call: Call): readonly Line[] {
  const overhead = text(call, 'gateway_overhead_us')
  return [
    ['started', text(call, 'started_at')],
    ['ended', text(call, 'ended_at')],
    ['took', unit(text(call, 'latency_ms'), 'ms')],
    ['first byte after', unit(text(call, 'first_byte_ms'), 'ms')],
    ['of it the gateway', unit(overhead, 'µs')],
  ]
}

function idsOf(call: Call): readonly Line[] {
  return [
    ['logical call', `${text(call, 'logical_id') ?? '-'}, attempt ${text(call, 'attempt') ?? '-'}`],
    ['AWS request', text(call, 'aws_request_id')],
    ['trace', text(call, 'trace_id')],
    ['account', text(call, 'account_id')],
    ['journal', `${text(call, 'journal_id') ?? '-'}, line ${text(call, 'seq') ?? '-'}`],
    ['version', text(call, 'version')],
  ]
}

function othersOf(
  call: Call,
  attempts: CallAnswer['attempts'],
  versions: CallAnswer['versions'],
): string {
  const others = attempts.filter((attempt) => attempt['call_id'] !== call['call_id'])
  const lines: Line[] = others.map((attempt) => [
    `attempt ${text(attempt, 'attempt') ?? '-'}`,
    `${text(attempt, 'call_id') ?? '-'}  ${text(attempt, 'status') ?? '-'}  ${text(attempt, 'cost_usd') ?? '-'} USD`,
  ])
  const earlier = versions.filter((version) => version['version'] !== call['version'])
  for (const version of earlier) {
    lines.push([
      `version ${text(version, 'version') ?? '-'}`,
      `${text(version, 'cost_usd') ?? '-'} USD`,
    ])
  }
  return section('Also', lines)
}

/** A heading and its lines, labels aligned; lines without a value are left out, and so is a section without lines. */
function section(heading: string, lines: readonly Line[]): string {
  const present = lines.filter(([, value]) => value !== null)
  if (present.length === 0) return ''
  const width = Math.max(...present.map(([label]) => visible(label).length))
  const body = present.map(([label, value]) => {
    return `  ${visible(label).padEnd(width)}  ${visible(value ?? '')}\n`
  })
  return `${visible(heading)}\n${body.join('')}`
}

function indented(block: string): string {
  return block.replaceAll(/^(?=.)/gm, '  ')
}

function unit(value: string | null, name: string): string | null {
  return value === null ? null : `${value} ${name}`
}

function text(from: Readonly<Record<string, unknown>>, field: string): string | null {
  const value = from[field]
  if (typeof value === 'number') return grouped(value)
  if (typeof value === 'string') return value
  return typeof value === 'boolean' ? String(value) : null
}

function map(call: Call, field: string): Readonly<Record<string, unknown>> {
  const value = call[field]
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}

function list(call: Call, field: string): readonly unknown[] {
  const value = call[field]
  return Array.isArray(value) ? value : []
}
