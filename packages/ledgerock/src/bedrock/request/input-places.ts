// What of a request's input cannot be told from the number of its bytes: how many messages and tools there are, how many of its media
// are pictures, and whether some of the input lies outside the body (a bucket, a link, a file, an earlier answer, a tool the provider
// runs) or is of a kind whose tokens nobody can count from here (documents, films, sound).
//
// A picture is taken for one only where the API takes pictures, because as a picture it counts far fewer tokens than as text.
//
// Field names: Amazon Bedrock API reference (Converse), its user guide's pages of native parameters, Anthropic's Messages API, OpenAI's
// Chat Completions and Responses.

import type { JsonScan } from '../json/json-scan.ts'
import { stringOf } from '../json/json-value.ts'

export type InputPlaces = {
  readonly messages: number
  readonly tools: number
  readonly outsideBody: boolean
}

/** What to look at, and what it means that it is there. `[]`: all values; `#`: how often. */
export type InputPaths = {
  readonly messages: readonly string[]
  readonly tools: readonly string[]
  /** Words of the types of tools; others than the caller's own are run by the provider. */
  readonly toolTypes: readonly string[]
  /** Each is one picture inside the body. */
  readonly pictures: readonly string[]
  /** `base64` is media inside the body; other words are text, or a reference with a key of its own. */
  readonly sourceTypes: readonly string[]
  /** A `data:` URL is a picture inside the body, any other text lies outside. */
  readonly pictureUrls: readonly string[]
  /** Words of the types of items; a reference is outside. */
  readonly itemTypes: readonly string[]
  /** Anything there that is not null is outside. */
  readonly references: readonly string[]
  /** Anything there is outside. */
  readonly outside: readonly string[]
}

const NONE: InputPaths = {
  messages: [],
  tools: [],
  toolTypes: [],
  pictures: [],
  sourceTypes: [],
  pictureUrls: [],
  itemTypes: [],
  references: [],
  outside: [],
}

const CONTENT = 'messages.*.content.*'
const RESULT = `${CONTENT}.toolResult.content.*`

export const CONVERSE_INPUT: InputPaths = {
  ...NONE,
  messages: ['messages.#'],
  tools: ['toolConfig.tools.#', 'additionalModelRequestFields.tools.#'],
  toolTypes: ['additionalModelRequestFields.tools.*.type[]'],
  pictures: [
    `${CONTENT}.image.source.bytes#`,
    `${RESULT}.image.source.bytes#`,
    `${CONTENT}.guardContent.image.source.bytes#`,
    'system.*.guardContent.image.source.bytes#',
  ],
  references: ['promptVariables', 'additionalModelRequestFields.mcp_servers'],
  outside: [
    'toolConfig.tools.*.systemTool#',
    ...[CONTENT, RESULT].flatMap((content) => [
      `${content}.document#`,
      `${content}.video#`,
      `${content}.audio#`,
      `${content}.image.source.s3Location#`,
    ]),
  ],
}

/** Anthropic's blocks, and within a tool's result once more; OpenAI's parts; what engines of open-weight models add to them. */
const CHAT: InputPaths = {
  ...NONE,
  messages: ['messages.#'],
  tools: ['tools.#'],
  toolTypes: ['tools.*.type[]'],
  sourceTypes: [`${CONTENT}.source.type[]`, `${CONTENT}.content.*.source.type[]`],
  pictureUrls: [`${CONTENT}.image_url.url[]`],
  references: ['mcp_servers', 'container'],
  outside: [
    `${CONTENT}.source.url#`,
    `${CONTENT}.source.file_id#`,
    `${CONTENT}.content.*.source.url#`,
    `${CONTENT}.content.*.source.file_id#`,
    `${CONTENT}.file_id#`,
    `${CONTENT}.file#`,
    `${CONTENT}.input_audio#`,
    `${CONTENT}.video_url#`,
    `${CONTENT}.audio_url#`,
  ],
}

export const INVOKE_INPUT: InputPaths = {
  ...CHAT,
  messages: [...CHAT.messages, 'chat_history.#'],
  tools: [...CHAT.tools, 'toolConfig.tools.#'],
  pictures: [
    `${CONTENT}.image.source.bytes#`,
    `${RESULT}.image.source.bytes#`,
    'singleEmbeddingParams.image.source.bytes#',
    'mediaSource.base64String#',
    'image.mediaSource.base64String#',
    'inputs.*.content.*.image_url.url#',
    'images.#',
  ],
  outside: [
    ...CHAT.outside,
    ...[CONTENT, RESULT].flatMap((content) => [
      `${content}.document#`,
      `${content}.video#`,
      `${content}.audio#`,
      `${content}.image.source.s3Location#`,
    ]),
    'toolConfig.tools.*.systemTool#',
    'mediaSource.s3Location#',
    'image.mediaSource.s3Location#',
    'video#',
    'audio#',
    'singleEmbeddingParams.image.source.s3Location#',
    'singleEmbeddingParams.video#',
    'singleEmbeddingParams.audio#',
    'segmentedEmbeddingParams#',
  ],
}

export const NAMES_MODEL_INPUT: InputPaths = {
  ...CHAT,
  messages: [...CHAT.messages, 'input.#'],
  pictureUrls: [
    ...CHAT.pictureUrls,
    'input.*.content.*.image_url[]',
    'input.*.output.*.image_url[]',
  ],
  itemTypes: ['input.*.type[]'],
  references: [...CHAT.references, 'previous_response_id', 'conversation', 'prompt'],
  outside: [
    ...CHAT.outside,
    'input.*.content.*.file_id#',
    'input.*.content.*.file_url#',
    'input.*.content.*.input_audio#',
    'input.*.output.*.file_id#',
    'input.*.output.*.file_url#',
  ],
}

/** What guardrails look at. */
export const TEXT_INPUT: InputPaths = { ...NONE, messages: ['content.#', 'messages.#'] }

/** All of them, for the scan; they are read in this order. */
export function inputPaths(paths: InputPaths): readonly string[] {
  return GROUPS.flatMap((group) => paths[group])
}

const GROUPS = [
  'messages',
  'tools',
  'toolTypes',
  'pictures',
  'sourceTypes',
  'pictureUrls',
  'itemTypes',
  'references',
  'outside',
] as const satisfies readonly (keyof InputPaths)[]

export type InputReader = (scan: JsonScan) => InputPlaces

const NOWHERE = -1

/**
 * `first`: the number the paths of `inputPaths` begin with among those of the scan; `counted`: another path of it whose values are
 * counted.
 */
export function inputReader(paths: InputPaths, first: number, counted = NOWHERE): InputReader {
  let at = first
  const [messages, tools, toolTypes, pictures, sources, urls, items, references, outside] =
    GROUPS.map((group) => {
      const from = at
      at += paths[group].length
      return { from, to: at }
    }) as [Range, Range, Range, Range, Range, Range, Range, Range, Range]
  return (scan) => {
    const places = { messages: sumOf(scan, messages), tools: sumOf(scan, tools) }
    // Nearly always nothing else of all this is there.
    const isPlain =
      scan.mediaParts === 0 && scan.counted === places.messages + places.tools + elsewhere(scan)
    const outsideBody =
      anyStated(scan, references) ||
      (!isPlain &&
        (sumOf(scan, outside) > 0 ||
          !allOf(scan, toolTypes, isOwnTool) ||
          !allOf(scan, urls, isDataUrl) ||
          !allOf(scan, items, isInline) ||
          hasOtherMedia(scan)))
    return { messages: places.messages, tools: places.tools, outsideBody }
  }

  function elsewhere(scan: JsonScan): number {
    return counted === NOWHERE ? 0 : scan.count(counted)
  }

  function hasOtherMedia(scan: JsonScan): boolean {
    if (scan.mediaParts > scan.imageParts) return true
    const inSources = countOf(scan, sources, isBase64)
    return scan.mediaParts > sumOf(scan, pictures) + inSources + sumOf(scan, urls)
  }
}

type Range = { readonly from: number; readonly to: number }

function sumOf(scan: JsonScan, { from, to }: Range): number {
  let sum = 0
  for (let path = from; path < to; path += 1) sum += scan.count(path)
  return sum
}

function anyStated(scan: JsonScan, { from, to }: Range): boolean {
  for (let path = from; path < to; path += 1) {
    const value = scan.value(path)
    if (value !== null && value[0] !== 0x6e) return true
  }
  return false
}

function countOf(scan: JsonScan, { from, to }: Range, is: (value: Buffer) => boolean): number {
  let count = 0
  for (let path = from; path < to; path += 1) {
    for (const value of scan.all(path)) if (is(value)) count += 1
  }
  return count
}

/** False also where there were more values than the scan keeps: nobody has looked at the rest. */
function allOf(scan: JsonScan, range: Range, is: (value: Buffer) => boolean): boolean {
  return countOf(scan, range, is) === sumOf(scan, range)
}

/** Tools the caller runs: functions, and Anthropic's and OpenAI's own designs for a shell, an editor, a desktop, a memory. */
const OWN_TOOLS: ReadonlySet<string> = new Set([
  'function',
  'custom',
  'computer_use_preview',
  'apply_patch',
  'shell',
  'local_shell',
])
const DATED_OWN_TOOL = /^(?:bash|text_editor|computer|memory)_\d+$/

function isOwnTool(value: Buffer): boolean {
  const type = stringOf(value) ?? ''
  return OWN_TOOLS.has(type) || DATED_OWN_TOOL.test(type)
}

const DATA_URL = Buffer.from('"data:')

function isDataUrl(value: Buffer): boolean {
  return value.subarray(0, DATA_URL.length).equals(DATA_URL)
}

function isInline(value: Buffer): boolean {
  return stringOf(value) !== 'item_reference'
}

function isBase64(value: Buffer): boolean {
  return stringOf(value) === 'base64'
}
