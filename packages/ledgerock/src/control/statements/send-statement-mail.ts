// One mail with one statement attached. The Message-ID comes from what it is about, so that mail programs show a redelivery once.

import type { SmtpServer } from '../../governance/alert-rule.ts'
import { mailTransport } from './mail-transport.ts'

export type StatementMail = {
  readonly mailId: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly file: { readonly name: string; readonly type: string; readonly content: Uint8Array }
}

const TIMEOUT_MS = 30_000

/**
 * @returns how many of the addresses were refused, where others took it
 * @throws what the server or the network says
 */
export async function sendStatementMail(smtp: SmtpServer, mail: StatementMail): Promise<number> {
  const transport = mailTransport(smtp, TIMEOUT_MS)
  const host = smtp.from.split('@')[1] ?? 'ledgerock'
  const { name: filename, type: contentType, content } = mail.file
  try {
    const { rejected } = await transport.sendMail({
      from: { name: 'Ledgerock', address: smtp.from },
      to: [...mail.to],
      subject: mail.subject.replaceAll(/\s+/g, ' '),
      text: mail.text,
      messageId: `<${mail.mailId}@${host}>`,
      headers: { 'auto-submitted': 'auto-generated' },
      attachments: [{ filename, contentType, content: Buffer.from(content) }],
    })
    return rejected.length
  } finally {
    transport.close()
  }
}
