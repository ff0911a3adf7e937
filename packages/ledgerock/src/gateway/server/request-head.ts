// What Node's HTTP/1.1 parser lets through and we do not, because somebody on the way may read it otherwise (RFC 9112 §6.1, §3.2):
// a transfer coding we do not decode, one that HTTP/1.0 does not have, a version that is none, two hosts or none; and more header fields
// than anybody needs. The parser itself refuses the rest: both lengths, two lengths, folded lines, bare line feeds.

import type { IncomingMessage } from 'node:http'

export const HEADER_FIELDS_MAX = 256

export type HeadFault = { readonly status: number; readonly message: string }

const FRAMING: HeadFault = { status: 400, message: 'The request is framed ambiguously.' }
export const HEADERS_TOO_LARGE: HeadFault = {
  status: 431,
  message: 'The request headers are too large.',
}

/** Null where the head is as it should be. */
export function headFault(
  request: Pick<IncomingMessage, 'httpVersion' | 'rawHeaders'>,
): HeadFault | null {
  const { httpVersion, rawHeaders } = request
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return FRAMING
  if (rawHeaders.length > 2 * HEADER_FIELDS_MAX) return HEADERS_TOO_LARGE
  let hosts = 0
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    // By length first: nearly every name is told apart without being read.
    if (name.length === 4 && name.toLowerCase() === 'host') {
      hosts += 1
      if (hosts > 1) return FRAMING
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      const coding = (rawHeaders[at + 1] as string).trim().toLowerCase()
      if (coding !== 'chunked' || httpVersion === '1.0') return FRAMING
    }
  }
  return hosts === 0 && httpVersion === '1.1' ? FRAMING : null
}
