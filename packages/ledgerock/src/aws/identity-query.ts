// The query of a presigned `sts:GetCallerIdentity`: read strictly, each parameter once and in its exact spelling, and written anew
// from what was read, so that STS sees what was checked. Encoding is that of SigV4, whatever the client wrote.

const RAW = /^[A-Za-z0-9\-._~%=&/:;]+$/
const REQUIRED = [
  'Action',
  'Version',
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
] as const
const OPTIONAL = 'X-Amz-Security-Token'

export type CallQuery = {
  readonly signedHeaders: string
  readonly scope: string
  readonly date: string
  readonly expiresSeconds: number
}

/** Null where a name stands twice or anything cannot be decoded. */
export function readQuery(query: string): ReadonlyMap<string, string> | null {
  if (!RAW.test(query)) return null
  const pairs = new Map<string, string>()
  for (const part of query.split('&')) {
    const at = part.indexOf('=')
    if (at <= 0) return null
    const name = decoded(part.slice(0, at))
    const value = decoded(part.slice(at + 1))
    if (name === null || value === null || pairs.has(name)) return null
    pairs.set(name, value)
  }
  return pairs
}

export function writeQuery(pairs: ReadonlyMap<string, string>): string {
  return [...pairs].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&')
}

/** Null where it is not this one call, or has a parameter more or less than it needs. */
export function readCallQuery(pairs: ReadonlyMap<string, string>): CallQuery | null {
  const count = REQUIRED.length + (pairs.has(OPTIONAL) ? 1 : 0)
  if (pairs.size !== count || REQUIRED.some((name) => !pairs.has(name))) return null
  const value = (name: (typeof REQUIRED)[number]): string => pairs.get(name) as string
  if (value('Action') !== 'GetCallerIdentity' || value('Version') !== '2011-06-15') return null
  if (value('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') return null
  if (!/^[0-9a-f]{64}$/.test(value('X-Amz-Signature'))) return null
  const expires = value('X-Amz-Expires')
  if (!/^[1-9]\d{0,5}$/.test(expires)) return null
  return {
    signedHeaders: value('X-Amz-SignedHeaders'),
    scope: value('X-Amz-Credential'),
    date: value('X-Amz-Date'),
    expiresSeconds: Number(expires),
  }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
