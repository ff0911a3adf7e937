// Proofs of identity signed by AWS's own signer for any instant, whole or spoilt on purpose: what an honest client sends, and what
// a stranger might.

import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'

export const AUDIENCE = 'ledgerock.acme.internal'
export const SIGNED_AT = Date.parse('2026-11-21T10:00:00Z')
const BODY = 'Action=GetCallerIdentity&Version=2011-06-15'
export const CREDENTIALS = {
  accessKeyId: 'ASIAEXAMPLEEXAMPLE12',
  secretAccessKey: 'secret/secret+secret',
  sessionToken: 'IQoJb3JpZ2luX2VjE//+=token',
}

export type Proof = {
  method: string
  url: string
  headers: Record<string, string>
  body?: string
}

export type Wanted = {
  readonly host?: string
  readonly body?: string
  readonly query?: Record<string, string>
  readonly headers?: Record<string, string>
  readonly atMs?: number
  readonly expiresIn?: number
  readonly service?: string
}

export function encodeProof(proof: unknown): string {
  return Buffer.from(JSON.stringify(proof)).toString('base64url')
}

function signer(service: string): SignatureV4 {
  return new SignatureV4({ credentials: CREDENTIALS, region: 'us-east-1', service, sha256: Sha256 })
}

/** POST with an `Authorization` header. */
export async function signedProof(wanted: Wanted = {}): Promise<Proof> {
  const { host = 'sts.us-east-1.amazonaws.com', body = BODY, query = {}, headers = {} } = wanted
  const { atMs = SIGNED_AT, service = 'sts' } = wanted
  const request = {
    method: 'POST',
    protocol: 'https:',
    hostname: host,
    path: '/',
    query,
    headers: {
      host,
      'content-type': 'application/x-www-form-urlencoded',
      'x-ledgerock-gateway': AUDIENCE,
      ...headers,
    },
    body,
  }
  const signed = await signer(service).sign(request, { signingDate: new Date(atMs) })
  const text = queryText(query)
  return {
    method: 'POST',
    url: `https://${host}/${text === '' ? '' : `?${text}`}`,
    headers: signed.headers,
    body,
  }
}

/** GET with the signature in its query. */
export async function presignedProof(wanted: Wanted = {}): Promise<Proof> {
  const { host = 'sts.amazonaws.com', headers = {}, atMs = SIGNED_AT, expiresIn = 600 } = wanted
  const query = wanted.query ?? { Action: 'GetCallerIdentity', Version: '2011-06-15' }
  const audience: Record<string, string> = { 'x-ledgerock-gateway': AUDIENCE, ...headers }
  const signed = await signer(wanted.service ?? 'sts').presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      path: '/',
      query,
      headers: { host, ...audience },
    },
    { signingDate: new Date(atMs), expiresIn },
  )
  const all = signed.query as Record<string, string>
  return { method: 'GET', url: `https://${host}/?${queryText(all)}`, headers: audience, body: '' }
}

export function queryText(query: Record<string, string>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
}

type Data = string | ArrayBuffer | ArrayBufferView

/** The hash the signer asks for, of Node's own. */
class Sha256 {
  readonly #hash

  constructor(secret?: Data) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret))
  }

  update(data: Data): void {
    this.#hash.update(bytes(data))
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }

  reset(): void {}
}

function bytes(data: Data): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return Buffer.from(data)
}
