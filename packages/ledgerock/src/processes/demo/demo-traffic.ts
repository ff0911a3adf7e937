// The demo's present: applications of several teams that call the gateway, a few calls a second together, and one loop that spends far
// too much until its budget stops it. Each application waits for its answer before it asks again, so that the traffic is bounded.

import { setTimeout as pause } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import type { KeyView } from '../../control/keys/key-view.ts'
import { Fault } from '../../kernel/fault.ts'
import { MS_PER_MINUTE } from '../../kernel/time.ts'
import { RUNAWAY } from './demo-config.ts'
import { detailsOf } from './demo-lines.ts'

export type Workload = {
  readonly team: string
  readonly application: string
  readonly model: string
  readonly isStream: boolean
  /** Between an answer and the next call. */
  readonly pauseMs: number
  /** Words of what is asked, and tokens of answer at most. */
  readonly words: number
  readonly outputMax: number
  /** Said of every call, over what its application says. */
  readonly headers: Readonly<Record<string, string>>
}

const SONNET = 'us.anthropic.claude-sonnet-4-6'
const HAIKU = 'global.anthropic.claude-haiku-4-5-20251001-v1:0'
const OPUS = 'us.anthropic.claude-opus-4-6-v1'
const PRO = 'amazon.nova-pro-v1:0'

function workload(
  team: string,
  application: string,
  model: string,
  pauseMs: number,
  rest: Partial<Workload> = {},
): Workload {
  return {
    team,
    application,
    model,
    pauseMs,
    isStream: false,
    words: 300,
    outputMax: 600,
    headers: {},
    ...rest,
  }
}

export const WORKLOADS: readonly Workload[] = [
  workload('search', 'search-api', SONNET, 1_200, { isStream: true, words: 900 }),
  workload('search', 'ranker', PRO, 2_500),
  workload('support', 'helpdesk', HAIKU, 1_500, { isStream: true }),
  workload('support', 'call-notes', HAIKU, 4_000, { words: 2_000 }),
  workload('research', 'notebooks', OPUS, 7_000, { isStream: true }),
  workload('platform', 'developer-portal', SONNET, 3_500),
]

/** Somebody's script that feeds a whole book to the dearest model, again and again. */
export const RUNAWAY_WORKLOAD = workload(RUNAWAY.team, 'evaluation', OPUS, 500, {
  words: 12_000,
  outputMax: 2_000,
  headers: { workflow_id: RUNAWAY.workflow },
})

export type TrafficDeps = {
  readonly gatewayUrl: string
  /** Sends a body, or asks. */
  readonly api: (path: string, body?: object) => Promise<Response>
  readonly say: (line: string) => void
  readonly stopped: AbortSignal
}

const AFTER_FAILURE_MS = 2_000
/** What was refused for want of money is tried again now and then, as such loops do. */
const AFTER_REFUSAL_MS = MS_PER_MINUTE

/** Resolves when it was stopped and every call has its answer. */
export async function demoTraffic(deps: TrafficDeps): Promise<void> {
  const workloads = [...WORKLOADS, RUNAWAY_WORKLOAD]
  const keys = await keysOf(deps, workloads)
  await Promise.all(
    workloads.map((work) => keepCalling(deps, work, keys.get(work.application) ?? '')),
  )
}

async function keepCalling(deps: TrafficDeps, work: Workload, key: string): Promise<void> {
  let isTold = false
  while (!deps.stopped.aborted) {
    const refusal = await callOnce(deps, work, key)
    if (refusal !== null && !isTold) {
      isTold = true
      deps.say(`The workflow ${work.headers['workflow_id'] ?? work.application}: ${refusal}`)
    }
    const pauseMs = refusal === null ? work.pauseMs : AFTER_REFUSAL_MS
    await pause(pauseMs, undefined, { signal: deps.stopped }).catch(() => undefined)
  }
}

/** What the gateway says where it refuses; null: it was served, or failed in a way that passes. */
async function callOnce(
  { gatewayUrl, stopped }: TrafficDeps,
  work: Workload,
  key: string,
): Promise<string | null> {
  try {
    const answer = await fetch(`${gatewayUrl}${pathOf(work)}`, {
      method: 'POST',
      headers: headersOf(work, key),
      body: bodyOf(work),
    })
    const text = await answer.text()
    if (answer.headers.get('x-ledgerock-refusal') === null) return null
    return wordsOf(text)
  } catch {
    await pause(AFTER_FAILURE_MS, undefined, { signal: stopped }).catch(() => undefined)
    return null
  }
}

function pathOf({ model, isStream }: Workload): string {
  return `/model/${encodeURIComponent(model)}/converse${isStream ? '-stream' : ''}`
}

function headersOf({ application, headers }: Workload, key: string): Record<string, string> {
  const said = { ...detailsOf(application, randomBytes(32)), ...headers }
  const named = Object.entries(said).map(
    ([name, value]) => [`x-ledgerock-${name.replaceAll('_', '-')}`, value] as const,
  )
  return {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    ...Object.fromEntries(named),
  }
}

function bodyOf({ words, outputMax, application }: Workload): string {
  const text = `Question ${randomBytes(4).toString('hex')}. ${'And then? '.repeat(Math.ceil(words / 2))}`
  return JSON.stringify({
    system: [{ text: `You work for ${application}. Be brief, be exact.` }],
    messages: [{ role: 'user', content: [{ text }] }],
    inferenceConfig: { maxTokens: outputMax },
  })
}

function wordsOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: string }
    return message ?? text
  } catch {
    return text
  }
}

/** A secret is shown once only, so that a demo that starts again gives its keys new ones. */
async function keysOf(
  { api }: TrafficDeps,
  workloads: readonly Workload[],
): Promise<ReadonlyMap<string, string>> {
  const listed = (await json<{ readonly items: readonly KeyView[] }>(await api('keys'))).items
  const known = new Set(listed.map(({ name }) => name))
  const keys = new Map<string, string>()
  for (const { team, application } of workloads) {
    const made = known.has(application)
      ? await api(`keys/${application}/rotate`, { immediately: true })
      : await api('keys', { name: application, bind: { team, application, environment: 'prod' } })
    keys.set(application, (await json<{ readonly key: string }>(made)).key)
  }
  return keys
}

async function json<Answer>(answer: Response): Promise<Answer> {
  if (answer.ok) return (await answer.json()) as Answer
  throw new Fault('demo_step', `${answer.url}: ${answer.status} ${await answer.text()}`)
}
