// How mail leaves: one connection to the configured server for one mail, with short patience, reading no file and asking no address of
// whatever stands in the mail.

import { createTransport } from 'nodemailer'
import type { SmtpServer } from '../../governance/alert-rule.ts'

const REASON_CHARS_MAX = 300

export function mailTransport(smtp: SmtpServer, timeoutMs: number) {
  return createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.tls === 'tls',
    requireTLS: smtp.tls === 'starttls',
    ignoreTLS: smtp.tls === 'none',
    ...(smtp.user === null
      ? {}
      : { auth: { user: smtp.user, pass: smtp.password?.reveal() ?? '' } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

/** Codes of libraries, and their first line: never a dump, which could hold what was sent. */
export function faultWords(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed'
  const { code } = error as NodeJS.ErrnoException
  const [line = ''] = error.message.split('\n')
  const text = typeof code === 'string' ? `${code}: ${line}` : line
  return text.slice(0, REASON_CHARS_MAX)
}
