// Where a call carries its credential: `Authorization: Bearer …` or `x-api-key`, nowhere else, never the URL. Two that differ
// are refused, because guessing which one is meant would let one key spend for another.

export type PresentedCredential =
  | { readonly kind: 'none' }
  | { readonly kind: 'presented'; readonly secret: string }
  /** `conflicting`: the two headers differ. `unsupported`: a scheme other than Bearer, such as SigV4 or Basic. */
  | { readonly kind: 'refused'; readonly reason: 'conflicting' | 'unsupported' }

/** Headers as Node gives them, names in lower case. */
export type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>

/** `none` only where neither header is there: a credential of the wrong kind never becomes an anonymous call. */
export function credentialFromHeaders(headers: HeaderValues): PresentedCredential {
  const authorization = single(headers['authorization'])
  const apiKey = single(headers['x-api-key'])
  if (authorization === undefined) {
    return apiKey === undefined ? { kind: 'none' } : { kind: 'presented', secret: apiKey.trim() }
  }
  const bearer = /^bearer +(\S+) *$/i.exec(authorization)
  if (bearer === null) return { kind: 'refused', reason: 'unsupported' }
  const secret = bearer[1] as string
  if (apiKey !== undefined && apiKey.trim() !== secret) {
    return { kind: 'refused', reason: 'conflicting' }
  }
  return { kind: 'presented', secret }
}

/** A header sent twice is joined, as HTTP means it; the result is no valid secret. */
function single(value: string | readonly string[] | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : value.join(', ')
}
