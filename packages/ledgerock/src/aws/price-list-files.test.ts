// Fetching the price list from a local server that behaves well, slowly, wrongly, and not at all.

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { BEDROCK_OFFERS, downloadOffers, type DownloadProgress } from './price-list-files.ts'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const offerOf = (path: string): string => /aws\/(\w+)\/current\/index\.json$/.exec(path)?.[1] ?? ''
const fileOf = (offerCode: string): string =>
  JSON.stringify({ formatVersion: 'v1.0', offerCode, products: { padding: 'x'.repeat(100_000) } })

describe('downloadOffers', () => {
  it('[W21] fetches every offer and reports its bytes as they come', async () => {
    const baseUrl = await serve((request, response) => {
      const body = fileOf(offerOf(request.url ?? ''))
      response.writeHead(200, { 'content-length': body.length }).end(body)
    })
    const progress: DownloadProgress[] = []
    const offers = await downloadOffers({
      fetch,
      baseUrl,
      onProgress: (each) => progress.push(each),
    })
    expect(offers.map((offer) => (offer as { offerCode: string }).offerCode)).toEqual(
      BEDROCK_OFFERS,
    )
    for (const offer of BEDROCK_OFFERS) {
      const own = progress.filter((each) => each.offer === offer)
      expect(own.at(-1)).toEqual({
        offer,
        receivedBytes: fileOf(offer).length,
        totalBytes: fileOf(offer).length,
      })
      expect(own.map((each) => each.receivedBytes)).toEqual(
        own.map((each) => each.receivedBytes).toSorted((left, right) => left - right),
      )
    }
  })

  it('[W21] takes a compressed file, whose length is not that of what it holds', async () => {
    const baseUrl = await serve((request, response) => {
      const body = gzipSync(fileOf(offerOf(request.url ?? '')))
      const headers = { 'content-encoding': 'gzip', 'content-length': body.length }
      response.writeHead(200, headers).end(body)
    })
    expect(await downloadOffers({ fetch, baseUrl: `${baseUrl}/` })).toHaveLength(4)
  })

  it('[W21] tries again where the connection breaks in the middle, and gives up after three', async () => {
    let asked = 0
    const flaky: RequestListener = (request, response) => {
      asked += 1
      const body = fileOf(offerOf(request.url ?? ''))
      if (asked > 2) return response.writeHead(200).end(body)
      response.writeHead(200, { 'content-length': body.length })
      response.write(body.slice(0, 50_000), () => response.destroy())
      return undefined
    }
    expect(await downloadOffers({ fetch, baseUrl: await serve(flaky) })).toHaveLength(4)
    expect(asked).toBe(6)
    let broken = 0
    const always: RequestListener = (_request, response) => {
      broken += 1
      response.writeHead(200, { 'content-length': 1_000 })
      response.write('{', () => response.destroy())
    }
    const baseUrl = await serve(always)
    await expect(downloadOffers({ fetch, baseUrl })).rejects.toMatchObject({
      code: 'price_list_unavailable',
      retryable: true,
    })
    expect(broken).toBe(3)
  })

  it.each([
    ['a page that is not JSON', 200, '<html>', 'price_list_invalid', 3],
    ['a file that is cut off', 200, fileOf('AmazonBedrock').slice(0, -1), 'price_list_invalid', 3],
    ["another offer's file", 200, fileOf('AmazonEC2'), 'price_list_invalid', 1],
    ['a server in trouble', 503, 'busy', 'price_list_unavailable', 3],
    ['no such file', 404, 'gone', 'price_list_unavailable', 1],
  ] as const)('[W21] refuses %s', async (_what, status, body, code, times) => {
    let asked = 0
    const baseUrl = await serve((_request, response) => {
      asked += 1
      response.writeHead(status).end(body)
    })
    await expect(downloadOffers({ fetch, baseUrl })).rejects.toMatchObject({ code })
    expect(asked).toBe(times)
  })

  it('[W21] says where nobody listens', async () => {
    const baseUrl = await serve(() => undefined)
    const [server] = servers.splice(0)
    await new Promise((resolve) => server?.close(resolve))
    await expect(downloadOffers({ fetch, baseUrl })).rejects.toMatchObject({
      code: 'price_list_unavailable',
    })
  })
})
