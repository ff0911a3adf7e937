// The headers of Bedrock's answer that travel on to the client: all of them but for what belongs to one connection only.

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

/** RFC 9110 §7.6.1. HTTP/2 forbids them, and HTTP/1.1 has its own towards the client. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** A new object, to add ours to. */
export function clientHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const out: OutgoingHttpHeaders = {}
  for (const name in headers) {
    if (!HOP_BY_HOP.has(name)) out[name] = headers[name]
  }
  return out
}
