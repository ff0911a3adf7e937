// Tells one sink one event, once. What went wrong comes back as words that hold no secret: they are shown to admins and kept with the
// delivery. Whether and when to try again is the outbox's to say.

import { snsSubject, type SnsMessage } from '../../aws/sns.ts'
import type { AlertSink } from '../../governance/alert-rule.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { SafePost } from '../../platform/safe-fetch.ts'
import { faultWords } from '../statements/mail-transport.ts'
import type { AlertEvent } from './alert-event.ts'
import { sinkRequest, headline } from './sink-requests.ts'

export type SenderDeps = {
  readonly post: SafePost
  readonly sendMail: (
    sink: Extract<AlertSink, { type: 'email' }>,
    event: AlertEvent,
  ) => Promise<void>
  readonly publish: (message: SnsMessage) => Promise<void>
  readonly now: () => number
}

export type Send = (sink: AlertSink, eventText: string) => Promise<Result<null, string>>

export function createSender(deps: SenderDeps): Send {
  return async (sink, eventText) => {
    const event = JSON.parse(eventText) as AlertEvent
    try {
      return await tell(deps, sink, event, eventText)
    } catch (error) {
      return err(faultWords(error))
    }
  }
}

async function tell(
  deps: SenderDeps,
  sink: AlertSink,
  event: AlertEvent,
  eventText: string,
): Promise<Result<null, string>> {
  switch (sink.type) {
    case 'webhook':
    case 'slack':
    case 'pagerduty': {
      const { url, headers, body } = sinkRequest(sink, event, eventText, deps.now())
      const answer = await deps.post(url, headers, body)
      if (!answer.ok) return err(`${answer.problem.code}: ${answer.problem.detail}`)
      const { status } = answer.value
      return status >= 200 && status < 300 ? ok(null) : err(`it answered with status ${status}`)
    }
    case 'email':
      await deps.sendMail(sink, event)
      return ok(null)
    case 'sns':
      await deps.publish({
        topicArn: sink.topicArn,
        subject: snsSubject(`Ledgerock ${event.severity}: ${headline(event)}`),
        body: eventText,
        attributes: { severity: event.severity, status: event.status, rule: event.rule },
        groupId: event.alert_id,
        deduplicationId: event.id,
      })
      return ok(null)
  }
}
