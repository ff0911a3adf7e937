// Words that stand nowhere but in one secret or one text of a caller, and the search for them in whatever a program left behind:
// plain, and as base64 and hex would hide them.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What each word is, to the word itself. */
export type Canaries = Readonly<Record<string, string>>

export function canary(what: string): string {
  return `canary${what}${Buffer.from(what).toString('hex')}zq`
}

/** Where something was found: `<what> in <where>`. */
export function findCanaries(canaries: Canaries, where: string, bytes: Buffer): string[] {
  const text = bytes.toString('latin1').toLowerCase()
  return Object.entries(canaries).flatMap(([what, word]) =>
    disguisesOf(word).some((disguise) => text.includes(disguise.toLowerCase()))
      ? [`${what} in ${where}`]
      : [],
  )
}

function disguisesOf(word: string): string[] {
  return [word, Buffer.from(word).toString('hex'), ...base64Of(word), encodeURIComponent(word)]
}

/** The middle of the word in base64, for each of the three places it can begin at. */
function base64Of(word: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(word)])
    const middle = encoded.toString('base64').slice(4, 4 * Math.floor(encoded.length / 3) - 4)
    return [middle, middle.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** Every file below the directory, by its path. */
export function filesBelow(directory: string): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(directory.length + 1), readFileSync(path))
  }
  return files
}
