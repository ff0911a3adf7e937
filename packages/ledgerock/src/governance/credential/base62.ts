// Digits and letters only: a key survives double-click selection, URLs, shells and CSV files. Fixed widths, so that no two
// texts mean the same bytes.

import { assert } from '../../kernel/assert.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BASE = 62n

/** The bytes as one big number, padded on the left to `width` digits; it must fit. */
export function base62(bytes: Uint8Array, width: number): string {
  let rest = BigInt(`0x00${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (let place = 0; place < width; place += 1) {
    text = (DIGITS[Number(rest % BASE)] as string) + text
    rest /= BASE
  }
  assert(rest === 0n, `${bytes.length} bytes do not fit into ${width} base62 digits`)
  return text
}

/** A whole number of at most 53 bits in the same digits, without a big one: this runs on every call. */
export function base62Number(value: number, width: number): string {
  let rest = value
  let text = ''
  for (let place = 0; place < width; place += 1) {
    text = (DIGITS[rest % 62] as string) + text
    rest = Math.floor(rest / 62)
  }
  assert(rest === 0, `${value} does not fit into ${width} base62 digits`)
  return text
}
