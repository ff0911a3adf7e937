// Against real local servers: what may be posted to, what may not, and what an evil receiver can do.

import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isPublicAddress } from './public-address.ts'
import { createSafePost, type ResolvedAddress } from './safe-fetch.ts'

let server: Server
let port: number
let got: { readonly host: string | undefined; readonly body: string }[]
let answer: (url: string, response: ServerResponse) => void
beforeEach(async () => {
  got = []
  answer = (_url, response) => response.end('ok')
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ host: request.headers.host, body: Buffer.concat(chunks).toString() })
      answer(request.url ?? '', response)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const at = (...addresses: readonly string[]): readonly ResolvedAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

function poster(
  allow: readonly string[] = [],
  addresses: readonly ResolvedAddress[] = at('127.0.0.1'),
) {
  const asked: string[] = []
  const post = createSafePost({
    resolve: async (host) => {
      asked.push(host)
      return addresses
    },
    allowHosts: () => allow,
    timeoutMs: 300,
  })
  const code = async (url: string): Promise<string | number> => {
    const result = await post(url, {}, '{}')
    return result.ok ? result.value.status : result.problem.code
  }
  return { post, code, asked }
}

describe('createSafePost', () => {
  it('[F4] posts to an allowed host at the address that was found, once', async () => {
    const { post, asked } = poster(['hooks.internal'])
    const result = await post(`http://hooks.internal:${port}/x`, { 'x-a': 'b' }, 'hello')
    expect(result).toEqual({ ok: true, value: { status: 200 } })
    expect(got).toEqual([{ host: `hooks.internal:${port}`, body: 'hello' }])
    expect(asked).toEqual(['hooks.internal'])
  })

  it('[F4] a host may be allowed for one port', async () => {
    const { code } = poster([`hooks.internal:${port}`])
    expect(await code(`http://hooks.internal:${port}/`)).toBe(200)
    expect(await code('http://hooks.internal:1/')).toBe('not_https')
  })

  it.each([
    ['http://hooks.example/', 'not_https'],
    ['https://hooks.example:22/', 'port_not_allowed'],
    ['ftp://hooks.example/', 'bad_url'],
    ['https://user:pass@hooks.example/', 'bad_url'],
    ['nonsense', 'bad_url'],
    ['https://2130706433/', 'odd_host'],
    ['https://0x7f.1/', 'odd_host'],
    ['https://0177.0.0.1/', 'odd_host'],
    ['https://127.1/', 'odd_host'],
    ['https://127.0.0.1/', 'private_address'],
    ['https://[::1]/', 'private_address'],
    ['https://[::ffff:10.0.0.1]/', 'private_address'],
    ['https://hooks.example/', 'private_address'],
  ])('[F4] %s is refused as %s and reaches nobody', async (url, code) => {
    expect(await poster().code(url)).toBe(code)
    expect(got).toEqual([])
  })

  it('[F4] one private address among public ones is enough to refuse', async () => {
    const { code } = poster([], at('93.184.216.34', '10.0.0.1'))
    expect(await code('https://hooks.example/')).toBe('private_address')
  })

  it('[F4] follows nobody elsewhere', async () => {
    answer = (_url, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${port}/inside` }).end()
    }
    expect(await poster(['hooks.internal']).code(`http://hooks.internal:${port}/`)).toBe(302)
    expect(got).toHaveLength(1)
  })

  it('[F4] does not listen for ever', async () => {
    answer = (_url, response) => {
      response.writeHead(200)
      response.write('x'.repeat(100_000))
    }
    expect(await poster(['h']).code(`http://h:${port}/`)).toBe(200)
    answer = () => {}
    expect(await poster(['h']).code(`http://h:${port}/`)).toBe('timeout')
  })

  it('[F4] a name nobody knows, and a port nobody listens on', async () => {
    expect(await poster(['h'], []).code(`http://h:${port}/`)).toBe('not_resolved')
    server.close()
    server.closeAllConnections()
    expect(await poster(['h']).code(`http://h:${port}/`)).toBe('unreachable')
  })
})

describe('isPublicAddress', () => {
  it.each(
    `
     0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 172.31.255.255 192.0.2.1 192.168.1.1
     198.18.0.1 203.0.113.9 224.0.0.1 255.255.255.255 :: ::1 fe80::1 fe80::1%eth0 fc00::1
     fd00:ec2::254 ff02::1 ::ffff:8.8.8.8 64:ff9b::808:808 64:ff9b:1::1 2001:db8::1 2002:a00:1::1
     2001:0:1::1 ::8.8.8.8 nonsense`
      .trim()
      .split(/\s+/),
  )('[F4] %s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '[F4] %s is',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )

  it('[F4] no private network is public in any of its addresses', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(
        fc.constantFrom('10', '127', '0', '192.168', '169.254'),
        byte,
        byte,
        byte,
        (net, a, b, c) => {
          const address = net.includes('.') ? `${net}.${a}.${b}` : `${net}.${a}.${b}.${c}`
          expect(isPublicAddress(address)).toBe(false)
          expect(isPublicAddress(`::ffff:${address}`)).toBe(false)
        },
      ),
    )
  })
})
