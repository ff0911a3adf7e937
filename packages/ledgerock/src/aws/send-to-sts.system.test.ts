// The carrier of proofs against a server that misbehaves.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { parseIdentityToken, type IdentityRequest } from './identity-token.ts'
import { createStsSender } from './send-to-sts.ts'
import {
  AUDIENCE,
  encodeProof,
  presignedProof,
  SIGNED_AT,
  signedProof,
  type Proof,
} from './testing/signed-identity.ts'

function checked(proof: Proof): IdentityRequest {
  return mustOk(parseIdentityToken(encodeProof(proof), AUDIENCE, SIGNED_AT))
}

describe('sending to STS', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })

  async function serve(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<string> {
    const server = createServer(answer).listen(0, '127.0.0.1')
    servers.push(server)
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('[W7] carries it as it was signed, wherever it is delivered', async () => {
    const seen: { head: string; headers: NodeJS.Dict<string | string[]>; body: string }[] = []
    const url = await serve((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString()))
      request.on('end', () => {
        seen.push({ head: `${request.method} ${request.url}`, headers: request.headers, body })
        response.writeHead(200, { 'content-type': 'text/xml' }).end('<x/>')
      })
    })
    const proof = await signedProof()
    const post = checked(proof)
    expect(await createStsSender(`${url}/sts/`)(post)).toEqual({
      status: 200,
      contentType: 'text/xml',
      body: '<x/>',
    })
    await createStsSender(url)(checked(await presignedProof()))
    expect(seen[0]).toMatchObject({ head: 'POST /sts/', headers: proof.headers, body: proof.body })
    expect(seen[0]?.headers['content-length']).toBe('43')
    expect(seen[1]?.head).toMatch(/^GET \/\?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-/)
    expect(seen[1]?.headers['host']).toBe('sts.amazonaws.com')
  })

  it('[W7] follows no redirect', async () => {
    let asked = 0
    const url = await serve((_request, response) => {
      asked += 1
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    expect((await createStsSender(url)(checked(await signedProof()))).status).toBe(307)
    expect(asked).toBe(1)
  })

  it('[W7] does not wait for ever, nor read for ever', async () => {
    const silent = await serve(() => undefined)
    await expect(createStsSender(silent, 50)(checked(await signedProof()))).rejects.toThrow(
      /time-?out/i,
    )
    const endless = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml' })
      const more = (): void => {
        while (response.write('x'.repeat(1_024)));
        response.once('drain', more)
      }
      more()
    })
    await expect(createStsSender(endless)(checked(await signedProof()))).rejects.toThrow(
      'larger than any',
    )
  })
})
