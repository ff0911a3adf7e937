// What HTTP sinks are sent: the generic webhook, signed so that the receiver knows who and when; Slack's incoming webhook; PagerDuty's
// Events API v2. Pure: from event to headers and body.

import { createHmac } from 'node:crypto'
import type { AlertSeverity, AlertSink } from '../../governance/alert-rule.ts'
import { scopeText } from '../../governance/rule-scope.ts'
import { MS_PER_SECOND } from '../../kernel/time.ts'
import type { AlertEvent } from './alert-event.ts'

export const SIGNATURE_HEADER = 'x-ledgerock-signature'

export type SinkRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

type HttpSink = Extract<AlertSink, { type: 'webhook' | 'slack' | 'pagerduty' }>

/** `eventText` is the event's JSON as it is kept: what is signed is what is sent. */
export function sinkRequest(
  sink: HttpSink,
  event: AlertEvent,
  eventText: string,
  nowMs: number,
): SinkRequest {
  const url = sink.url.reveal()
  if (sink.type === 'webhook') {
    const signature = signatureOf(sink.secret.reveal(), eventText, nowMs)
    return { url, headers: { ...JSON_TYPE, [SIGNATURE_HEADER]: signature }, body: eventText }
  }
  const said =
    sink.type === 'slack' ? slackMessage(event) : pagerDutyEvent(sink.routingKey.reveal(), event)
  return { url, headers: JSON_TYPE, body: JSON.stringify(said) }
}

const JSON_TYPE = { 'content-type': 'application/json', 'user-agent': 'ledgerock' }

/** The time is that of the attempt, so that a receiver can refuse what was recorded and played again. */
export function signatureOf(secret: string, body: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / MS_PER_SECOND)
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${digest}`
}

const SLACK_MARKS: Readonly<Record<AlertSeverity, string>> = {
  info: ':information_source:',
  warning: ':warning:',
  critical: ':rotating_light:',
}

function slackMessage(event: AlertEvent): object {
  const mark = event.status === 'resolved' ? ':white_check_mark:' : SLACK_MARKS[event.severity]
  const lines = [
    `${mark} *${slackText(headline(event))}*`,
    slackText(`for ${scopeText(event.scope)}, rule ${event.rule}`),
    `<${event.url}|Ledgerock> ${event.at}`,
  ]
  return { text: lines.join('\n') }
}

/** The three characters that mean something to Slack; without them nothing can be a link or call people. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** What PagerDuty takes as a summary. */
const SUMMARY_CHARS_MAX = 1024

function pagerDutyEvent(routingKey: string, event: AlertEvent): object {
  return {
    routing_key: routingKey,
    event_action: event.status === 'resolved' ? 'resolve' : 'trigger',
    // The end of an alert closes the incident its firing opened; a repetition opens no second one.
    dedup_key: event.alert_id,
    client: 'Ledgerock',
    client_url: event.url,
    payload: {
      summary: event.message.slice(0, SUMMARY_CHARS_MAX),
      source: event.budget ?? scopeText(event.scope),
      severity: event.severity,
      timestamp: event.at,
      class: event.kind,
      custom_details: event,
    },
  }
}

/** One line for a subject or a heading. */
export function headline(event: AlertEvent): string {
  return event.status === 'resolved' ? `Resolved: ${event.message}` : event.message
}
