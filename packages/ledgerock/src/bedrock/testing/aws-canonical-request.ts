// The canonical request of Signature Version 4 as the AWS signer makes it, line by line: what ours has to agree with.

import { createHash } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'

class Sha256 {
  readonly #hash = createHash('sha256')
  update(data: Uint8Array): void {
    this.#hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {
    throw new Error('not used')
  }
}

class OpenSigner extends SignatureV4 {
  linesOf(path: string, query: Record<string, string | string[]>): string[] {
    const request = { method: 'POST', protocol: 'https:', hostname: 'h', path, query, headers: {} }
    return this.createCanonicalRequest(request, {}, '').split('\n')
  }
}

const signer = new OpenSigner({
  service: 'bedrock',
  region: 'r',
  credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  sha256: Sha256,
})

/** Method, canonical URI, canonical query, and what follows them. */
export function awsCanonicalRequest(
  path: string,
  query: Record<string, string | string[]>,
): readonly string[] {
  return signer.linesOf(path, query)
}
