// The data of one whole server-sent event: where it stands, if it is one line, or its lines put together.

import { lineEnd, SseTap } from './sse-tap.ts'

const FIELD = Buffer.from('data:')
const SPACE = 0x20

/** The range of the event's only data, or null where there are several lines of it, or none. */
export function soleData(event: Buffer): { readonly start: number; readonly end: number } | null {
  let found: { readonly start: number; readonly end: number } | null = null
  for (let at = 0; at < event.length;) {
    const end = lineEnd(event, at)
    // A byte order mark can only stand before the first field of all.
    const isData =
      at + FIELD.length <= end && event.compare(FIELD, 0, FIELD.length, at, at + FIELD.length) === 0
    if (isData) {
      if (found !== null) return null
      const start = at + FIELD.length
      found = { start: event[start] === SPACE ? start + 1 : start, end }
    }
    at = end + 1
  }
  return found
}

export function joinedData(event: Buffer): Buffer {
  const parts: Buffer[] = []
  const tap = new SseTap({ data: (bytes) => parts.push(bytes), event: () => undefined })
  tap.write(event)
  return Buffer.concat(parts)
}
