// One request to a gateway over a connection of its own, with what came back, whole or cut.

import { request, type IncomingMessage } from 'node:http'
import { SEARCH_KEY, type RunningGateway } from './running-gateway.ts'

export type Answer = {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly whole: boolean
}

export function post(
  gateway: Pick<RunningGateway, 'url'>,
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${gateway.url}${path}`,
      {
        method: 'POST',
        agent: false,
        headers: {
          authorization: `Bearer ${SEARCH_KEY}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        const finish = (whole: boolean): void =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
            whole,
          })
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => finish(response.complete))
        response.on('error', () => finish(false))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}
