// The start page's scripts as they are served, against the real API: what a link with `#alert=` or `#ask=` shows, and what the forms send.
// The document is the least that the scripts touch; an element they ask for must be in the page.

import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { AlertsConfig } from '../../governance/alert-rule.ts'
import { budgetWith, DOLLAR, stateWith } from '../testing/budget.ts'
import { NOW, startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

const HTML = readFileSync(new URL('page.html', import.meta.url), 'utf8')
const SCRIPT = new URL('page.js', import.meta.url).pathname
const budget = budgetWith({ alertAt: [80], mode: 'soft' })

class FakeElement {
  hidden = false
  value = ''
  scope = ''
  className = ''
  type = ''
  readonly #handlers = new Map<string, (event: { preventDefault: () => void }) => void>()
  #text = ''
  #children: FakeElement[] = []

  get textContent(): string {
    return this.#children.length === 0
      ? this.#text
      : this.#children.map(({ textContent }) => textContent).join(' ')
  }
  set textContent(text: string) {
    this.#text = text
  }
  append(...children: FakeElement[]): void {
    this.#children.push(...children)
  }
  replaceChildren(...children: FakeElement[]): void {
    this.#children = children
  }
  addEventListener(name: string, handler: (event: { preventDefault: () => void }) => void): void {
    this.#handlers.set(name, handler)
  }
  fire(name: string): void {
    this.#handlers.get(name)?.({ preventDefault: () => {} })
  }
}

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  plane.declared.budgets = [budget]
  await plane.publisher.publish()
  const config: AlertsConfig = { sinks: [], rules: [], allowHosts: [] }
  plane.alertsConfig.current = config
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await plane.stop()
})

/** Opens the page at `hash`, logged in as the admin. */
async function open(hash: string, isLoggedIn = true) {
  const elements = new Map<string, FakeElement>()
  for (const [tag, id = ''] of HTML.matchAll(/<[a-z0-9]+ id="([\w-]+)"[^>]*>/g)) {
    const one = new FakeElement()
    one.hidden = / hidden/.test(tag)
    one.value = /value="([^"]*)"/.exec(tag)?.[1] ?? ''
    elements.set(id, one)
  }
  vi.stubGlobal('document', {
    getElementById: (id: string) => elements.get(id) ?? null,
    createElement: () => new FakeElement(),
  })
  vi.stubGlobal('location', { hash, origin: 'http://127.0.0.1:8081', pathname: '/' })
  vi.stubGlobal('window', { addEventListener: () => {} })
  vi.stubGlobal('fetch', (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (isLoggedIn) headers.set('authorization', `Bearer ${plane.token}`)
    return plane.api.request(path, { ...init, headers })
  })
  vi.resetModules()
  await import(/* @vite-ignore */ SCRIPT)
  const of = (id: string): FakeElement => {
    const one = elements.get(id)
    if (one === undefined) throw new Error(`no ${id} in the page`)
    return one
  }
  await vi.waitFor(() => expect(of('message').textContent).not.toMatch(/^Loading|^$/))
  return of
}

const requests = async (path: string): Promise<readonly unknown[]> =>
  ((await (await plane.get(path)).json()) as { readonly items: readonly unknown[] }).items

it('[C16] `#alert=` shows that alert', async () => {
  plane.leases.all = [stateWith(budget, Date.parse(NOW), null, { spent: 450n * DOLLAR })]
  await plane.alerts.turn()
  const [alert] = (await requests('/api/v1/alerts')) as readonly { readonly alert_id: string }[]
  const of = await open(`#alert=${alert?.alert_id}`)
  await vi.waitFor(() => expect(of('alert-facts').textContent).toContain('search-monthly at 80 %'))
  expect(of('alert').hidden).toBe(false)
  expect(of('alert-message').textContent).toContain('has used 90 % of its limit')
  expect([of('ask-access').hidden, of('ask-budget').hidden]).toEqual([true, true])
  const none = await open('#alert=nothing')
  await vi.waitFor(() => expect(none('alert-message').textContent).toContain('there is no alert'))
})

it('[C16] `#ask=access` fills in what was refused, and asks for it', async () => {
  const of = await open('#ask=access&model=amazon.nova-pro-v1%3A0&scope=team%3Dit%27s+all')
  await vi.waitFor(() => expect(of('ask-access').hidden).toBe(false))
  expect(await requests('/api/v1/access/requests')).toEqual([])
  of('access-reason').value = 'a trial'
  of('access-form').fire('submit')
  await vi.waitFor(() => expect(of('access-answer').textContent).toMatch(/^Asked/))
  expect(await requests('/api/v1/access/requests')).toMatchObject([
    { model: 'amazon.nova-pro-v1:0', scope: { team: ["it's all"] }, reason: 'a trial' },
  ])
})

it('[C16] `#ask=budget` asks for more of it, and says what is wrong with what was filled in', async () => {
  const of = await open('#ask=budget&name=search-monthly&unit=usd')
  await vi.waitFor(() => expect(of('ask-budget').hidden).toBe(false))
  of('budget-amount').value = 'much'
  of('budget-reason').value = 'the launch'
  of('budget-form').fire('submit')
  await vi.waitFor(() => expect(of('budget-answer').textContent).toContain('amount_usd'))
  of('budget-amount').value = '250'
  of('budget-form').fire('submit')
  await vi.waitFor(() => expect(of('budget-answer').textContent).toMatch(/^Asked/))
  expect(await requests('/api/v1/budgets/raises/requests')).toMatchObject([
    { budget: 'search-monthly', amount_usd: '250', counter: null, reason: 'the launch' },
  ])
})

it('[C16] who is not logged in is told how, and to come back', async () => {
  const of = await open('#ask=budget&name=search-monthly', false)
  expect(of('message').textContent).toMatch(/^You are not logged in.*load this page again\.$/)
  expect(of('ask-budget').hidden).toBe(true)
})
