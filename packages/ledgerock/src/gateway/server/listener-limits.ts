// What a connection may take its time with, and why one is cut.

export type ListenerLimits = {
  readonly headerBytesMax: number
  readonly headerTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly callTimeoutMs: number
  readonly connectionsMax: number
  /** Per HTTP/2 connection. */
  readonly streamsMax?: number
  /** So long nothing of an answer may be taken while something of it waits. */
  readonly bodyTimeoutMs?: number
}

/** Why a connection was ended by us or given up by its client. */
export const CUT_REASONS = [
  'connections_max',
  'silent',
  'tls_handshake',
  'not_http',
  'headers_too_large',
  'slow_request',
  'stalled_answer',
  'http2_fault',
  'client_reset',
] as const
export type CutReason = (typeof CUT_REASONS)[number]
