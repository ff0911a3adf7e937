// Names made of content: 64 bits of SHA-256 for what there are many of, 16 hex digits for a version. Among a million names of
// 64 bits two are the same with a chance of one in 36 million.

import { hash } from 'node:crypto'

export function shortHash(letter: string, text: string): string {
  const digest = hash('sha256', text, 'buffer')
  return `${letter}${digest.readBigUInt64BE().toString(32).padStart(13, '0')}`
}

export function versionHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16)
}
