// One mail for one event, over SMTP, to all the sink's addresses at once. The Message-ID comes from the event, so that mail programs
// show a redelivery once, and the end of an alert stands in the thread of its firing.

import type { AlertSink } from '../../governance/alert-rule.ts'
import { scopeText } from '../../governance/rule-scope.ts'
import { mailTransport } from '../statements/mail-transport.ts'
import type { AlertEvent } from './alert-event.ts'
import { headline } from './sink-requests.ts'

const TIMEOUT_MS = 5_000

/** @throws what the server or the network says */
export async function sendMail(
  { to, smtp }: Extract<AlertSink, { type: 'email' }>,
  event: AlertEvent,
): Promise<void> {
  const transport = mailTransport(smtp, TIMEOUT_MS)
  const host = smtp.from.split('@')[1] ?? 'ledgerock'
  const thread = `<${event.alert_id}@${host}>`
  try {
    const { rejected } = await transport.sendMail({
      from: { name: 'Ledgerock', address: smtp.from },
      to: [...to],
      subject: subjectOf(event),
      text: textOf(event),
      messageId: event.status === 'firing' ? thread : `<${event.id}@${host}>`,
      ...(event.status === 'firing' ? {} : { inReplyTo: thread, references: thread }),
      headers: { 'auto-submitted': 'auto-generated', 'x-ledgerock-event': event.id },
    })
    if (rejected.length > 0) throw new Error(`${rejected.length} of the addresses were refused`)
  } finally {
    transport.close()
  }
}

function subjectOf(event: AlertEvent): string {
  return `[Ledgerock] ${event.severity}: ${headline(event)}`.replaceAll(/\s+/g, ' ')
}

function textOf(event: AlertEvent): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ['status', event.status],
    ['severity', event.severity],
    ['rule', event.rule],
    ['budget', event.budget],
    ['for', event.counter ?? scopeText(event.scope)],
    ['value', event.value],
    ['threshold', event.threshold],
    ['period', event.period === null ? null : `${event.period.from} to ${event.period.to ?? '-'}`],
    ['at', event.at],
    ['event', event.id],
  ]
  const lines = facts.flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))
  return `${headline(event)}\n\n${lines.join('\n')}\n\n${event.url}\n`
}
