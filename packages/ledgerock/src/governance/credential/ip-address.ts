// An IP address as a number, to be compared with ranges. IPv4 is taken as the IPv6 address that stands for it (RFC 4291 §2.5.5.2,
// `::ffff:0:0/96`), which is also how a socket that listens on both shows an IPv4 caller.

export const ADDRESS_BITS = 128
export const IPV4_BITS = 32
const GROUPS = 8
const MAPPED = 0xffffn << 32n

/** Null for text that is no address. A zone (`fe80::1%eth0`) says by which interface, not from where, and is left out. */
export function parseIpAddress(text: string): bigint | null {
  const zone = text.indexOf('%')
  const address = zone < 0 ? text : text.slice(0, zone)
  if (address.includes(':')) return parseIpv6(address)
  const ipv4 = parseIpv4(address)
  return ipv4 === null ? null : MAPPED | BigInt(ipv4)
}

export function isIpv4(address: bigint): boolean {
  return address >> 32n === 0xffffn
}

/** Four decimal numbers; without leading zeros, which some programs take for octal. */
function parseIpv4(text: string): number | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  let address = 0
  for (const part of parts) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null
    address = address * 256 + Number(part)
  }
  return address
}

function parseIpv6(text: string): bigint | null {
  const [before = '', after, ...more] = text.split('::')
  if (more.length > 0) return null
  const head = groupsOf(before, after === undefined)
  const tail = after === undefined ? [] : groupsOf(after, true)
  if (head === null || tail === null) return null
  const missing = GROUPS - head.length - tail.length
  if (after === undefined ? missing !== 0 : missing < 1) return null
  let address = 0n
  for (const group of [...head, ...Array.from({ length: missing }, () => 0), ...tail]) {
    address = (address << 16n) | BigInt(group)
  }
  return address
}

/** Sixteen bits each; the address may end in an IPv4 address, which is two of them. */
function groupsOf(text: string, isEnd: boolean): readonly number[] | null {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const mayBeIpv4 = isEnd && index === parts.length - 1 && part.includes('.')
    const ipv4 = mayBeIpv4 ? parseIpv4(part) : null
    if (ipv4 !== null) groups.push(ipv4 >>> 16, ipv4 & 0xffff)
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return null
  }
  return groups
}
