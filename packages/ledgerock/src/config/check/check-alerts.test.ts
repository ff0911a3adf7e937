import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { alertsOf } from '../settings/alert-settings.ts'
import { faultText } from '../fault.ts'
import { Secret } from '../secret.ts'
import { validateText } from '../validate.ts'

const ENV = { HOOK: 'shh', SLACK: 'https://hooks.slack.com/services/x', PD: 'R', SMTP: 'p' }
const outside = (env: Readonly<Record<string, string>>) => ({
  env,
  readBeside: () => {
    throw new Error('nothing is read here')
  },
})

function faultsOf(yaml: string, env: Readonly<Record<string, string>> | null = ENV) {
  const text = `alerts:\n${yaml}`
  const result = validateText(text, 'l.yaml', {}, env === null ? null : outside(env))
  return result.ok ? [] : result.problem.map(faultText)
}

const ops = `  sinks: [ { name: ops, type: webhook, url: 'https://h.example/x', secret_env: HOOK } ]\n`

describe('alerts in the file', () => {
  it('[O20] reach the settings with what their kind fills in, secrets as secrets', () => {
    const text = `
alerts:
  sinks:
    - { name: ops, type: webhook, url: 'https://h.example/x', secret_env: HOOK, quiet_hours: { from: '22:00', to: '07:30' } }
    - { name: chat, type: slack, url_env: SLACK }
    - name: mail
      type: email
      to: [ops@example.com]
      smtp: { host: smtp.example.com, user: me, password_env: SMTP, from: lr@example.com }
    - { name: topic, type: sns, topic_arn: 'arn:aws:sns:us-east-1:123456789012:alerts' }
    - { name: duty, type: pagerduty, routing_key_env: PD }
  rules:
    - { when: spend_rate, scope: { team: search }, above: 12.5, severity: critical, to: [ops, duty] }
    - { name: mine, when: unpriced, to: [mail] }
  allow_hosts: [Hooks.internal, '127.0.0.1:8080']
`
    const file = mustOk(validateText(text, 'l.yaml', {}, outside(ENV)))
    const { sinks, rules, allowHosts } = alertsOf(file.alerts, ENV)
    expect(sinks.map(({ name, type, quietHours }) => [name, type, quietHours])).toEqual([
      ['ops', 'webhook', { fromMinute: 1320, toMinute: 450, timeZone: 'UTC' }],
      ['chat', 'slack', null],
      ['mail', 'email', null],
      ['topic', 'sns', null],
      ['duty', 'pagerduty', null],
    ])
    expect(JSON.stringify(sinks)).not.toMatch(/shh|services|"R"/)
    const shown = sinks.flatMap((sink) =>
      'url' in sink && sink.url instanceof Secret ? [sink.url.reveal()] : [],
    )
    expect(shown).toEqual([
      'https://h.example/x',
      ENV.SLACK,
      'https://events.pagerduty.com/v2/enqueue',
    ])
    expect(rules).toEqual([
      {
        name: 'spend_rate-1',
        when: 'spend_rate',
        budget: null,
        scope: { team: ['search'] },
        above: '12.5',
        forMs: 0,
        overMs: 3_600_000,
        severity: 'critical',
        to: ['ops', 'duty'],
      },
      expect.objectContaining({ name: 'mine', above: '0', overMs: 3_600_000 }),
    ])
    expect(allowHosts).toEqual(['hooks.internal', '127.0.0.1:8080'])
  })

  it.each([
    ['{ name: a, type: webhook, secret_env: HOOK }', 'a webhook sink needs url or url_env'],
    [`{ name: a, type: webhook, url: 'https://h.example/' }`, 'a webhook sink needs secret_env'],
    ['{ name: a, type: email }', 'a email sink needs smtp'],
    ['{ name: a, type: sns }', 'a sns sink needs topic_arn'],
    ['{ name: a, type: pagerduty }', 'a pagerduty sink needs routing_key_env'],
    [
      `{ name: a, type: slack, url_env: SLACK, topic_arn: 'arn:aws:sns:us-east-1:123456789012:t' }`,
      'has no use for it',
    ],
    [`{ name: a, type: slack, url_env: SLACK, url: 'https://h.example/' }`, 'say the same'],
    [`{ name: a, type: slack, url: 'http://h.example/' }`, 'must be https, unless its host'],
    [`{ name: a, type: slack, url: 'https://u:p@h.example/' }`, 'must not hold a user name'],
    [`{ name: a, type: slack, url: 'https://h.example:8444/' }`, 'must be at port 443 or 8443'],
    [`{ name: a, type: slack, url: 'https://10.0.0.7/' }`, 'must be at a public address'],
    [`{ name: a, type: slack, url: 'https://[fd00::1]:8443/' }`, 'must be at a public address'],
    [
      '{ name: a, type: email, to: [a@h.example], smtp: { host: mx, tls: none, user: me, password_env: SMTP, from: l@h.example } }',
      'would send the password unencrypted',
    ],
    ['{ name: a, type: slack, url_env: NOPE }', 'the environment variable NOPE is not set'],
    [
      `{ name: a, type: slack, url_env: SLACK, quiet_hours: { from: '22:00', to: '22:00' } }`,
      'there would be none',
    ],
    [
      `{ name: a, type: slack, url_env: SLACK, quiet_hours: { from: '22:00', to: '23:00', time_zone: Mars/Base } }`,
      'is no IANA time zone',
    ],
    ['{ name: a, type: pigeon }', 'must be slack or webhook'],
  ])('[O20] a sink that cannot be told is a fault: %s', (sink, wanted) => {
    const faults = faultsOf(`  sinks: [ ${sink} ]\n`)
    expect(faults.join('\n')).toContain(wanted)
  })

  it.each([
    ['{ when: budget, to: [opps] }', 'there is no such sink; did you mean ops?'],
    ['{ when: budget, budget: nope, to: [ops] }', 'there is no such budget'],
    ['{ when: clock, budget: nope, to: [ops] }', 'a rule of clock has no use for it'],
    ['{ when: clock, over: 1h, to: [ops] }', 'a rule of clock has no use for it'],
    ['{ when: journal, scope: { team: a }, to: [ops] }', 'a rule of journal has no scope'],
    [
      '{ when: spend_rate, scope: { temm: a }, to: [ops] }',
      'there is no such dimension; did you mean team?',
    ],
    ['{ when: spend_rate, scope: { model: "a.*" }, to: [ops] }', 'takes whole names here'],
    ['{ when: budget, above: -1, to: [ops] }', 'must be a number from 0'],
    ['{ when: budget, to: [] }', 'must name at least one sink'],
    ['{ when: weather, to: [ops] }', 'must be budget or'],
    [
      '{ when: budget, to: [ops] }, { name: budget-1, when: clock, to: [ops] }',
      'has the name of the one at 0',
    ],
  ])('[O20] a rule that means nothing is a fault: %s', (rule, wanted) => {
    expect(faultsOf(`${ops}  rules: [ ${rule} ]\n`).join('\n')).toContain(wanted)
  })

  it('[O20] http is for hosts that are allowed, with or without their port', () => {
    const at = (url: string, allow: string) =>
      faultsOf(
        `  sinks: [ { name: a, type: slack, url: '${url}' } ]\n  allow_hosts: ['${allow}']\n`,
      )
    expect(at('http://hooks.internal:99/', 'hooks.internal')).toEqual([])
    expect(at('http://hooks.internal:99/', 'hooks.internal:99')).toEqual([])
    expect(at('http://hooks.internal/', 'hooks.internal:80')).toEqual([])
    expect(at('http://hooks.internal:98/', 'hooks.internal:99')).toHaveLength(1)
  })

  it('[O20] so are other ports and private addresses, and passwords over mail without encryption', () => {
    const faults = (sink: string, allow: string) =>
      faultsOf(`  sinks: [ ${sink} ]\n  allow_hosts: ['${allow}']\n`)
    const at = (url: string) => `{ name: a, type: slack, url: '${url}' }`
    expect(faults(at('https://h.example:8444/'), 'h.example:8444')).toEqual([])
    expect(faults(at('https://10.0.0.7/'), '10.0.0.7')).toEqual([])
    expect(faults(at('https://[fd00::1]/'), '[fd00::1]')).toEqual([])
    expect(faults(at('https://8.8.8.8/'), 'else')).toEqual([])
    const mail = (smtp: string) =>
      `{ name: a, type: email, to: [a@h.example], smtp: { host: MX, ${smtp}, from: l@h.example } }`
    const logIn = 'user: me, password_env: SMTP'
    expect(faults(mail(`tls: none, ${logIn}`), 'mx')).toEqual([])
    expect(faults(mail(`tls: none, port: 25, ${logIn}`), 'mx:25')).toEqual([])
    expect(faults(mail('tls: none, port: 25'), 'else')).toEqual([])
    expect(faults(mail(`tls: starttls, ${logIn}`), 'else')).toEqual([])
  })

  it('[O20] variables are not looked at where there are none to look at', () => {
    expect(faultsOf(ops, null)).toEqual([])
    expect(faultsOf(ops, {})).toHaveLength(1)
  })
})
