// The session cookie: not readable by scripts, never sent along from another site, and over TLS bound to this very host.

import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { ApiContext } from './context.ts'

const NAME = 'ledgerock_session'
const SECURE_NAME = `__Host-${NAME}`
const OPTIONS = { path: '/', httpOnly: true, sameSite: 'Strict' } as const

export const sessionCookie = {
  read: (c: ApiContext): string | undefined => getCookie(c, SECURE_NAME) ?? getCookie(c, NAME),

  write(c: ApiContext, value: string, expiresAt: string, secure: boolean): void {
    const expires = new Date(expiresAt)
    setCookie(c, secure ? SECURE_NAME : NAME, value, { ...OPTIONS, secure, expires })
  },

  remove(c: ApiContext, secure: boolean): void {
    deleteCookie(c, secure ? SECURE_NAME : NAME, { ...OPTIONS, secure })
  },
}
