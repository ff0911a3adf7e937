// Dimension values in the words STS takes, as session names and session tags. What does not fit is replaced or cut, and then marked
// with a short hash of what it was: two owners never become one line of the bill because of a character STS does not like.
// Limits: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and API_Tag.html.

import { hash } from 'node:crypto'
import { err, ok, type Result } from '../kernel/result.ts'

const NAME_CHARACTERS_MIN = 2
const NAME_CHARACTERS_MAX = 64
const TAG_VALUE_CHARACTERS_MAX = 256
const NOT_IN_NAME = /[^\w+=,.@-]/g
const NOT_IN_TAG = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu
const MARK_CHARACTERS = 11
/** Ten letters of a hash behind `=`. A clean text that happens to end like this is marked too, so it cannot be taken for another. */
const MARKED = /=[a-z2-7]{10}$/
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const PLACE = /\{([^{}]*)\}/g

export type SessionTemplate = {
  /** Dimensions the name is made of, in order. */
  readonly dimensions: readonly string[]
  /** One more than there are dimensions: what stands around them. */
  readonly texts: readonly string[]
}

/** `lr-{team}` */
export function compileSessionTemplate(template: string): Result<SessionTemplate, string> {
  const dimensions = [...template.matchAll(PLACE)].map(([, name = '']) => name)
  const texts = template.split(/\{[^{}]*\}/)
  if (dimensions.includes('')) return err(`${template}: {} names no dimension`)
  if (texts.some((text) => /[{}]/.test(text))) return err(`${template}: a brace is not closed`)
  if (texts.some((text) => text.search(NOT_IN_NAME) !== -1)) {
    return err(`${template}: a session name holds letters, digits and _+=,.@- only`)
  }
  if (dimensions.length === 0 && template.length < NAME_CHARACTERS_MIN) {
    return err(`${template}: a session name has two characters or more`)
  }
  if (texts.join('').length > NAME_CHARACTERS_MAX / 2) {
    return err(`${template}: too long to leave room for a value`)
  }
  return ok({ dimensions, texts })
}

/** Distinct values give distinct names. `values` are in the order of the template's dimensions. */
export function sessionName(template: SessionTemplate, values: readonly string[]): string {
  let written = template.texts[0] as string
  const ends: number[] = []
  for (let index = 0; index < values.length; index += 1) {
    written += values[index] as string
    ends.push(written.length)
    written += template.texts[index + 1] as string
  }
  const clean = written.replace(NOT_IN_NAME, '-')
  const fits =
    clean === written &&
    clean.length >= NAME_CHARACTERS_MIN &&
    clean.length <= NAME_CHARACTERS_MAX &&
    !MARKED.test(clean) &&
    canBeTakenApart(template, written, ends)
  return fits ? clean : marked(clean, JSON.stringify(values), NAME_CHARACTERS_MAX)
}

/** Distinct values give distinct tags. */
export function sessionTagValue(value: string): string {
  const clean = value.replace(NOT_IN_TAG, '-')
  const fits = clean === value && clean.length <= TAG_VALUE_CHARACTERS_MAX && !MARKED.test(clean)
  return fits ? clean : marked(clean, value, TAG_VALUE_CHARACTERS_MAX)
}

/**
 * `{a}-{b}` of (x-y, z) and of (x, y-z) read the same. A name is its values' own where each value ends at the first place its
 * following text is found: then whoever reads the name from the left finds exactly these values.
 */
function canBeTakenApart(
  template: SessionTemplate,
  written: string,
  ends: readonly number[],
): boolean {
  let from = (template.texts[0] as string).length
  for (let index = 0; index + 1 < ends.length; index += 1) {
    const text = template.texts[index + 1] as string
    const end = ends[index] as number
    if (text === '' || written.indexOf(text, from) !== end) return false
    from = end + text.length
  }
  return true
}

function marked(clean: string, original: string, charactersMax: number): string {
  // A cut through a pair of surrogates would leave half a character.
  const kept = clean.slice(0, charactersMax - MARK_CHARACTERS).replace(/[\ud800-\udbff]$/, '')
  let mark = ''
  const digest = hash('sha256', original, 'buffer')
  for (let at = 0; at < MARK_CHARACTERS - 1; at += 1) {
    mark += BASE32[(digest[at] as number) & 31]
  }
  return `${kept}=${mark}`
}
