import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileAnonymous } from './anonymous.ts'
import { parseIpAddress } from './ip-address.ts'

const mapped = (ipv4: string): string => `::ffff:${ipv4}`

describe('compileAnonymous', () => {
  it.each([
    [['127.0.0.0/8'], ['127.0.0.1', '127.255.255.255', '::ffff:127.0.0.1', '::ffff:7f00:1'], true],
    [['127.0.0.0/8'], ['128.0.0.0', '126.255.255.255', '::1', '::127.0.0.1', '', 'x'], false],
    [['10.1.2.3/32'], ['10.1.2.3'], true],
    [['10.1.2.3/32'], ['10.1.2.2', '10.1.2.4'], false],
    [['10.1.2.3'], ['10.1.2.3', '::ffff:10.1.2.3'], true],
    [['10.1.2.3/8'], ['10.200.0.1'], true],
    [['0.0.0.0/0'], ['1.2.3.4', '::ffff:1.2.3.4'], true],
    [['0.0.0.0/0'], ['::1', 'fe80::1'], false],
    [['::/0'], ['::1', 'fe80::1%eth0', '2001:db8::1'], true],
    [['::/0'], ['1.2.3.4', '::ffff:1.2.3.4'], false],
    [['::ffff:10.0.0.0/104'], ['10.1.2.3', '::ffff:10.1.2.3'], true],
    [['fd00::/8', '10.0.0.0/8'], ['fdff::1', '10.0.0.0'], true],
    [['fd00::/8', '10.0.0.0/8'], ['fe00::1', '11.0.0.0'], false],
    [[], ['127.0.0.1', '::1'], false],
  ] as const)('[G12] %j: %j %s', (from, addresses, expected) => {
    const admits = compileAnonymous(from)
    for (const address of addresses) expect([address, admits(address)]).toEqual([address, expected])
  })

  it('[G12] a connection without an address is from nowhere', () => {
    expect(compileAnonymous(['0.0.0.0/0', '::/0'])(undefined)).toBe(false)
  })

  it('[G12] agrees with Node’s own list of networks, for any ranges and addresses', () => {
    const ipv4 = fc.ipV4()
    const ranges = fc.array(
      fc.oneof(
        fc.record({ address: ipv4, prefix: fc.nat(32), family: fc.constant('ipv4' as const) }),
        fc.record({
          address: fc.ipV6().filter((address) => !isMapped(address)),
          prefix: fc.nat(128),
          family: fc.constant('ipv6' as const),
        }),
      ),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(ranges, fc.infiniteStream(fc.oneof(ipv4, fc.ipV6())), (from, addresses) => {
        const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
        for (const { address, prefix, family } of from) {
          lists[family].addSubnet(address, prefix, family)
        }
        const admits = compileAnonymous(from.map(({ address, prefix }) => `${address}/${prefix}`))
        const asked = [...from.map(({ address }) => address), addresses.next().value as string]
        for (const address of asked) {
          const family = isIP(address) === 4 || isMapped(address) ? 'ipv4' : 'ipv6'
          const shown = family === 'ipv4' && isIP(address) === 6 ? 'ipv6' : family
          expect([address, admits(address)]).toEqual([address, lists[family].check(address, shown)])
          if (isIP(address) === 4) expect(admits(mapped(address))).toBe(admits(address))
        }
      }),
    )
  })
})

const isMapped = (address: string): boolean => (parseIpAddress(address) ?? 0n) >> 32n === 0xffffn

describe('parseIpAddress', () => {
  it('[G12] reads exactly what Node calls an address', () => {
    const almost = fc
      .tuple(
        fc.oneof(fc.ipV4(), fc.ipV6()),
        fc.nat(40),
        fc.constantFrom('', ':', '.', '::', '0', 'g'),
      )
      .map(([address, at, piece]) => address.slice(0, at) + piece + address.slice(at))
    fc.assert(
      fc.property(fc.oneof(almost, fc.stringMatching(/^[0-9a-f:.]{0,20}$/)), (text) => {
        expect([text, parseIpAddress(text) !== null]).toEqual([text, isIP(text) !== 0])
      }),
      { numRuns: 2_000 },
    )
  })
})
