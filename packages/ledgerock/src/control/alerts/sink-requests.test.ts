import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AlertSink, Hidden } from '../../governance/alert-rule.ts'
import { testEvent, type AlertEvent } from './alert-event.ts'
import { sinkRequest } from './sink-requests.ts'

const hidden = (text: string): Hidden => ({ reveal: () => text })
const common = { name: 'ops', quietHours: null }
const NOW = Date.parse('2026-10-14T12:00:00.500Z')
const event: AlertEvent = {
  ...testEvent('ops', 'e1', 'https://ledgerock.example/', '2026-10-14T12:00:00.000Z'),
  alert_id: 'a1',
  message: 'Budget <!channel> & co',
  budget: 'search-monthly',
  severity: 'critical',
}
const send = (sink: AlertSink & { type: 'webhook' | 'slack' | 'pagerduty' }, of = event) =>
  sinkRequest(sink, of, JSON.stringify(of), NOW)

describe('sinkRequest', () => {
  it('[C104] a webhook gets the event, signed with the time and the body', () => {
    const { url, headers, body } = send({
      ...common,
      type: 'webhook',
      url: hidden('https://hooks.example/x'),
      secret: hidden('shh'),
    })
    const seconds = Math.floor(NOW / 1000)
    const digest = createHmac('sha256', 'shh').update(`${seconds}.${body}`).digest('hex')
    expect([url, headers['x-ledgerock-signature']]).toEqual([
      'https://hooks.example/x',
      `t=${seconds},v1=${digest}`,
    ])
    expect(JSON.parse(body)).toEqual(event)
  })

  it('[C104] Slack reads text, and nothing in it as a command', () => {
    const { body } = send({ ...common, type: 'slack', url: hidden('https://hooks.slack.com/x') })
    const { text } = JSON.parse(body) as { readonly text: string }
    expect(text).toContain('Budget &lt;!channel&gt; &amp; co')
    expect(text).toContain('<https://ledgerock.example/|Ledgerock>')
  })

  it('[C104] PagerDuty opens an incident and closes the same one', () => {
    const sink = {
      ...common,
      type: 'pagerduty',
      url: hidden('https://events.pagerduty.com/v2/enqueue'),
      routingKey: hidden('R'),
    } as const
    const [opened, closed] = [send(sink), send(sink, { ...event, id: 'e2', status: 'resolved' })]
    expect(JSON.parse(opened.body)).toMatchObject({
      routing_key: 'R',
      event_action: 'trigger',
      dedup_key: 'a1',
      payload: { severity: 'critical', source: 'search-monthly', summary: event.message },
    })
    expect(JSON.parse(closed.body)).toMatchObject({ event_action: 'resolve', dedup_key: 'a1' })
  })
})
