// Requests signed by the AWS SDK's own signer, as Node would hand them to the gateway.

import { createHash, createHmac, hash } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import type { IncomingRequest } from '../credential/signed-request.ts'
import { PAIR } from './signing-key.ts'

/** What the signer wants of a hash, from node:crypto. */
class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac(
            'sha256',
            typeof secret === 'string' ? secret : new Uint8Array(bytesOf(secret)),
          )
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data)
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()))
  }
  reset(): void {}
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Buffer {
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data)
}

export type ToSign = {
  readonly method?: string
  /** As it goes on the wire. */
  readonly path?: string
  readonly query?: Readonly<Record<string, string | string[]>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly atMs: number
  readonly region?: string
  readonly service?: string
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
  readonly sessionToken?: string
  /** Whether `x-amz-content-sha256` is sent; the AWS SDK for JavaScript does, most others do not. */
  readonly namesHash?: boolean
}

export type Signed = {
  readonly authorization: string
  readonly headers: Readonly<Record<string, string>>
  readonly request: IncomingRequest
  readonly bodySha256: string
}

export async function signAsAws(options: ToSign): Promise<Signed> {
  const { method = 'POST', path = '/model/amazon.nova-lite-v1%3A0/converse', query = {} } = options
  const body = options.body ?? '{"messages":[]}'
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: options.accessKeyId ?? PAIR.accessKeyId,
      secretAccessKey: options.secretAccessKey ?? PAIR.secretAccessKey,
      ...(options.sessionToken === undefined ? {} : { sessionToken: options.sessionToken }),
    },
    region: options.region ?? 'us-east-1',
    service: options.service ?? 'bedrock',
    sha256: Sha256,
    applyChecksum: options.namesHash ?? false,
  })
  const signed = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: 'gateway.example',
      path,
      query: { ...query },
      headers: options.headers ?? {
        host: 'gateway.example:8080',
        'content-type': 'application/json',
      },
      body,
    },
    { signingDate: new Date(options.atMs) },
  )
  const { authorization = '', ...headers } = signed.headers
  return {
    authorization,
    headers,
    request: {
      method,
      url: path + queryText(query),
      rawHeaders: Object.entries(signed.headers).flat(),
    },
    bodySha256: hash('sha256', body, 'hex'),
  }
}

/** As the AWS SDKs write it. */
function queryText(query: Readonly<Record<string, string | string[]>>): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${escape(name)}=${escape(value)}`),
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function escape(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
