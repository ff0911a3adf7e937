import { describe, expect, it } from 'vitest'
import { canonicalUri } from '../../bedrock/canonical-uri.ts'
import { otherSpellings } from './path-spellings.ts'

describe('otherSpellings', () => {
  it.each([
    ['/model/x/converse', []],
    ['/model/x:0/converse', ['/model/x%3A0/converse']],
    ['/model/x%3A0/converse', ['/model/x:0/converse']],
    ['/model/x%3a0/converse', ['/model/x:0/converse', '/model/x%3A0/converse']],
    ['/model/a%2Fb:c/invoke', ['/model/a%2Fb%3Ac/invoke']],
    ['/model/a%2fb/invoke', ['/model/a%2Fb/invoke']],
    ["/model/a!'()*/invoke", ['/model/a%21%27%28%29%2A/invoke']],
    ['/model/x%253A0/converse', []],
    ['/model/x%/converse', []],
    ['/model/x%ff/converse', []],
  ])('[G10] of %s are %j', (path, expected) => {
    expect(otherSpellings(path)).toEqual(expected)
  })

  it('[G10] two paths that mean different things share none', () => {
    const pieces = ['/', 'a', ':', '%3A', '%3a', '%2F', '%2f', '%25', '%253A', '%252F', '%', '!']
    const paths = [1, 2, 3, 4].reduce<readonly string[]>(
      (shorter) => [...shorter, ...shorter.flatMap((path) => pieces.map((piece) => path + piece))],
      ['/'],
    )
    const meanings = new Map<string, string>()
    for (const path of new Set(paths)) {
      for (const spelling of [path, ...otherSpellings(path)]) {
        const canonical = canonicalUri(spelling)
        const known = meanings.get(canonical) ?? meaningOf(path)
        expect([path, canonical, known]).toEqual([path, canonical, meaningOf(path)])
        meanings.set(canonical, known)
      }
    }
    expect(meanings.size).toBeGreaterThan(5_000)
  })
})

/** The path as a router reads it: its segments, decoded; whether a slash ends it does not matter to AWS unless it is alone. */
function meaningOf(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '')
  const closing = segments.length > 0 && path.endsWith('/') ? ['closed'] : []
  return JSON.stringify([...segments.map(decoded), ...closing])
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return `not decodable: ${segment}`
  }
}
