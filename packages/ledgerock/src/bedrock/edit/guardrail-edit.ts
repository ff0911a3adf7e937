// The guardrail a call names, and how one is put in where it names none: Converse has it in the body, InvokeModel in two headers, the
// other APIs nowhere. Amazon Bedrock API reference: Converse (`guardrailConfig`), InvokeModel (`guardrailIdentifier`).

import type { BodyEdit } from './body-edit.ts'
import { memberPlace, spanOf } from './body-place.ts'
import { compileJsonPaths } from '../json/json-paths.ts'
import { JsonScan } from '../json/json-scan.ts'
import { stringOf } from '../json/json-value.ts'
import type { Operation } from '../operation.ts'
import type { HeaderRecord, RequestFacts } from '../request/request-facts.ts'
import type { GuardrailPlace, NamedGuardrail } from './edit-places.ts'

export type ConverseGuardrail = {
  readonly named: NamedGuardrail | null
  /** Null where one is named, or where nothing can be put in. */
  readonly place: GuardrailPlace | null
  /** A key that stands twice. */
  readonly duplicate: string | null
}

export const GUARDRAIL_ID_HEADER = 'x-amzn-bedrock-guardrailidentifier'
export const GUARDRAIL_VERSION_HEADER = 'x-amzn-bedrock-guardrailversion'

export function takesGuardrail(operation: Operation): 'header' | 'body' | null {
  switch (operation) {
    case 'converse':
    case 'converse-stream':
      return 'body'
    case 'invoke':
    case 'invoke-with-response-stream':
      return 'header'
    default:
      return null
  }
}

const configScan = new JsonScan(compileJsonPaths(['guardrailIdentifier', 'guardrailVersion']))

const UNUSABLE: ConverseGuardrail = { named: null, place: null, duplicate: null }

/** `config`: what stands under `guardrailConfig`, part of `body`. Undefined where its inside is not JSON. */
export function readConverseGuardrail(
  body: Buffer,
  config: Buffer | null,
): ConverseGuardrail | undefined {
  if (config === null) {
    const root = memberPlace(body, 0)
    if (root === null) return UNUSABLE
    const place = { start: root.at, end: root.at, before: WRAPPED, after: '}', more: root.more }
    return { named: null, place, duplicate: null }
  }
  // AWS's JSON protocols take a null member for an absent one.
  if (config[0] === 0x6e) {
    const place = { ...spanOf(body, config), before: '{', after: '}', more: false }
    return { named: null, place, duplicate: null }
  }
  return config[0] === 0x7b ? inConfig(body, config) : UNUSABLE
}

const WRAPPED = '"guardrailConfig":{'

function inConfig(body: Buffer, config: Buffer): ConverseGuardrail | undefined {
  configScan.reset()
  configScan.write(config)
  configScan.end()
  const { duplicate } = configScan
  const [idValue, versionValue] = [configScan.value(0), configScan.value(1)]
  configScan.reset()
  if (duplicate !== null) return { ...UNUSABLE, duplicate: `guardrailConfig.${duplicate}` }
  if (idValue === null && versionValue === null) {
    const inside = memberPlace(body, spanOf(body, config).start)
    if (inside === null) return UNUSABLE
    const { at, more } = inside
    const place = { start: at, end: at, before: '', after: '', more }
    return { named: null, place, duplicate: null }
  }
  const [id, version] = [stringOf(idValue), stringOf(versionValue)]
  if (id === undefined || version === undefined) return undefined
  return { named: { id: id ?? '', version: version ?? '' }, place: null, duplicate: null }
}

export function guardrailOfHeaders(headers: HeaderRecord): NamedGuardrail | null {
  const id = headers[GUARDRAIL_ID_HEADER]
  const version = headers[GUARDRAIL_VERSION_HEADER]
  return id === undefined && version === undefined ? null : { id: id ?? '', version: version ?? '' }
}

/**
 * What to put into a Converse body so that it names the guardrail. It stands before `others`, which may begin at the same place,
 * so it must also be handed on before them.
 */
export function guardrailEdits(
  facts: Pick<RequestFacts, 'places'>,
  { id, version }: NamedGuardrail,
  others: readonly BodyEdit[],
): readonly BodyEdit[] {
  const place = facts.places.guardrail
  if (place === null) return []
  const { start, end, before, after, more } = place
  const members = `"guardrailIdentifier":${JSON.stringify(id)},"guardrailVersion":${JSON.stringify(version)}`
  const follows = more || others.some((edit) => edit.start === start && edit.end === start)
  return [{ start, end, text: before + members + after + (follows ? ',' : '') }]
}
