// What every answer of the control port carries: nothing may be framed, sniffed, cached or loaded from elsewhere.

import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from './context.ts'

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const
const ONE_YEAR = 'max-age=31536000'

export function securityHeaders(origins: () => readonly string[]): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value)
    const secure = origins().every((origin) => origin.startsWith('https:')) && origins().length > 0
    if (secure) c.res.headers.set('strict-transport-security', ONE_YEAR)
  }
}
