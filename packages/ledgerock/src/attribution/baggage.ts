// W3C baggage: `key=percent-encoded value;property, …`. Properties are ignored, a member that cannot be read is passed over
// as the specification has it, and its limits (64 members, 8,192 bytes) are kept.

const MEMBERS_MAX = 64
const BYTES_MAX = 8_192
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/

export function readBaggage(header: string): readonly (readonly [key: string, value: string])[] {
  if (header.length > BYTES_MAX) return []
  const members: [string, string][] = []
  for (const member of header.split(',', MEMBERS_MAX)) {
    const semicolon = member.indexOf(';')
    const pair = semicolon < 0 ? member : member.slice(0, semicolon)
    const equals = pair.indexOf('=')
    if (equals < 0) continue
    const key = pair.slice(0, equals).trim()
    if (!TOKEN.test(key)) continue
    const value = decoded(pair.slice(equals + 1).trim())
    if (value !== null) members.push([key, value])
  }
  return members
}

function decoded(value: string): string | null {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return null
  }
}
