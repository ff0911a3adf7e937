// Signs one upstream request with AWS Signature Version 4, on the hot path: the signing key of a day is derived once and kept
// as a KeyObject, so a signature costs two hashes and one HMAC. Checked against the AWS signer in the test beside this file.
// The body's hash and the canonical path are handed in: the caller has them anyway.
// Source: AWS IAM user guide, "Create a signed AWS API request".

import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'

export type AwsCredentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export type SigningScope = { readonly region: string; readonly service: string }

export type UnsignedRequest = {
  readonly method: string
  /** The path as the canonical request wants it: percent-encoded once more than it is sent. */
  readonly canonicalPath: string
  /** `a=1&b=2`, already sorted and encoded, or empty. */
  readonly canonicalQuery: string
  /** Lower-case names; all of these are signed. Must hold `host`, and nothing that signing adds. */
  readonly headers: Readonly<Record<string, string>>
  /** SHA-256 of the body, hex. */
  readonly bodySha256: string
}

export type SigV4Signer = {
  /** The headers to add: `authorization`, `x-amz-date` and, for temporary credentials, `x-amz-security-token`. */
  readonly sign: (
    credentials: AwsCredentials,
    request: UnsignedRequest,
    nowMs: number,
  ) => Record<string, string>
}

type DayKey = { readonly day: string; readonly key: KeyObject }

/** 20261120T231400Z */
function amzDate(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

/** Blanks at the ends do not count, several of them count as one. Only ASCII's: others are bytes of some letter. */
function canonicalValue(value: string): string {
  if (!value.includes(' ') && !value.includes('\t')) return value
  return value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '')
}

export function createSigV4Signer(scope: SigningScope): SigV4Signer {
  // Credentials are the same object until they are replaced, so their key goes when they go.
  const keys = new WeakMap<AwsCredentials, DayKey>()
  let stamp = { second: -1, date: '', day: '' }

  function signingKey(credentials: AwsCredentials, day: string): KeyObject {
    const known = keys.get(credentials)
    if (known?.day === day) return known.key
    let secret: Buffer | string = `AWS4${credentials.secretAccessKey}`
    for (const part of [day, scope.region, scope.service, 'aws4_request']) {
      secret = createHmac('sha256', secret).update(part).digest()
    }
    const key = createSecretKey(secret as Buffer)
    keys.set(credentials, { day, key })
    return key
  }

  function dates(nowMs: number): { readonly date: string; readonly day: string } {
    const second = Math.floor(nowMs / 1_000)
    if (second !== stamp.second) {
      const date = amzDate(second * 1_000)
      stamp = { second, date, day: date.slice(0, 8) }
    }
    return stamp
  }

  return {
    sign(credentials, request, nowMs) {
      const { date, day } = dates(nowMs)
      const added: Record<string, string> = { 'x-amz-date': date }
      const names = Object.keys(request.headers)
      names.push('x-amz-date')
      if (credentials.sessionToken !== undefined) {
        added['x-amz-security-token'] = credentials.sessionToken
        names.push('x-amz-security-token')
      }
      names.sort()
      let canonicalHeaders = ''
      for (const name of names) {
        canonicalHeaders += `${name}:${added[name] ?? canonicalValue(request.headers[name] as string)}\n`
      }
      const signedNames = names.join(';')
      const canonical =
        `${request.method}\n${request.canonicalPath}\n${request.canonicalQuery}\n` +
        `${canonicalHeaders}\n${signedNames}\n${request.bodySha256}`
      // Header values are bytes, which Node holds as Latin-1; hashed as UTF-8 they would be others than those sent.
      const credentialScope = `${day}/${scope.region}/${scope.service}/aws4_request`
      const text = `AWS4-HMAC-SHA256\n${date}\n${credentialScope}\n${hash('sha256', Buffer.from(canonical, 'latin1'), 'hex')}`
      const signature = createHmac('sha256', signingKey(credentials, day))
        .update(text)
        .digest('hex')
      added['authorization'] =
        `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${credentialScope}, ` +
        `SignedHeaders=${signedNames}, Signature=${signature}`
      return added
    },
  }
}
