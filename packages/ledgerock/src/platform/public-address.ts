// Whether an IP address is one of the public internet, by IANA's special-purpose registries (RFC 6890 and later). Everything that
// leads into a private network, to this machine, or to IPv4 in the clothes of IPv6 (mapped, NAT64, 6to4, Teredo) is not.

import { BlockList, isIP } from 'node:net'

const SPECIAL_IPV4 = `
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
  192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15
  198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4`

/** Of IPv6 only 2000::/3 is given out; this is what is special inside it. */
const SPECIAL_IPV6 = '2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20'

const special = new BlockList()
const global = new BlockList()
global.addSubnet('2000::', 3, 'ipv6')
for (const range of SPECIAL_IPV4.trim().split(/\s+/)) add(range, 'ipv4')
for (const range of SPECIAL_IPV6.split(' ')) add(range, 'ipv6')

export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !special.check(address, 'ipv4')
  // A zone says that the address is a link's own.
  if (family !== 6 || address.includes('%')) return false
  return global.check(address, 'ipv6') && !special.check(address, 'ipv6')
}

function add(range: string, family: 'ipv4' | 'ipv6'): void {
  const [network = '', bits = ''] = range.split('/')
  special.addSubnet(network, Number(bits), family)
}
