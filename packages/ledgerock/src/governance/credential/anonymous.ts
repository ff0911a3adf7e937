// From where calls without a credential are taken while a company moves to the gateway step by step: only from listed networks.
// The address is that of the connection; what a header says about a caller's address anybody can write.

import { assert } from '../../kernel/assert.ts'
import { ADDRESS_BITS, IPV4_BITS, isIpv4, parseIpAddress } from './ip-address.ts'

type Range = { readonly first: bigint; readonly last: bigint }

/**
 * `from`: ranges such as `10.0.0.0/8` or `fd00::/8`, or single addresses, as the configuration has checked them. An IPv4 caller is
 * one also where the socket shows it as `::ffff:10.1.2.3`, and only IPv4 ranges admit it: `::/0` means everybody on IPv6.
 */
export function compileAnonymous(
  from: readonly string[],
): (remoteAddress: string | undefined) => boolean {
  const ranges = from.map(rangeOf)
  const ipv4 = ranges.filter(({ first, last }) => isIpv4(first) && isIpv4(last))
  const ipv6 = ranges.filter((range) => !ipv4.includes(range))
  return function admits(remoteAddress) {
    const address = remoteAddress === undefined ? null : parseIpAddress(remoteAddress)
    if (address === null) return false
    const candidates = isIpv4(address) ? ipv4 : ipv6
    return candidates.some(({ first, last }) => first <= address && address <= last)
  }
}

function rangeOf(text: string): Range {
  const slash = text.indexOf('/')
  const address = parseIpAddress(slash < 0 ? text : text.slice(0, slash))
  assert(address !== null, `${text} is no range of addresses`)
  const bitsOfKind = text.includes(':') ? ADDRESS_BITS : IPV4_BITS
  const prefix = slash < 0 ? bitsOfKind : Number(text.slice(slash + 1))
  assert(
    Number.isInteger(prefix) && prefix >= 0 && prefix <= bitsOfKind,
    `${text} is no range of addresses`,
  )
  const free = BigInt(bitsOfKind - prefix)
  const first = (address >> free) << free
  return { first, last: first | ((1n << free) - 1n) }
}
