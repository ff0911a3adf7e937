// `price` and the changes of prices against the real control API behind a socket.

import type { AddressInfo } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { onePrice, startPricePlane, type PricePlane } from '../../control/testing/price-plane.ts'
import { sealBookFile } from '../../pricing/book-file.ts'
import type { PriceAnswer } from '../../pricing/price-question.ts'
import { EXIT } from '../exit-code.ts'
import { runFake, type Ran } from '../testing/fake-terminal.ts'

const WORDS = ['price', '--model', 'anthropic.claude-sonnet-4-6', '--usage', 'input=1000000']
const EDP = { name: 'edp', models: 'anthropic.*', percent: '-50' }

let plane: PricePlane
let server: ServerType
let url: string
beforeEach(async () => {
  plane = await startPricePlane()
  await new Promise<void>((listening) => {
    server = serve({ fetch: plane.api.fetch, hostname: '127.0.0.1', port: 0 }, () => listening())
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  await new Promise<unknown>((closed) => server.close(closed))
  await plane.stop()
})

const ask = (words: readonly string[], terminal = false): Promise<Ran> =>
  runFake(words, { env: { LEDGEROCK_URL: url, LEDGEROCK_TOKEN: plane.token }, terminal })

describe('price by the book of a named server', () => {
  it('[U14] a flag or the environment names it, and its answer is handed on as it is', async () => {
    await plane.change('POST', 'prices/overrides', EDP)
    // 3.30 a million in us-east-1, half of it by the override only that server has.
    const here = await runFake(WORDS)
    expect(JSON.parse(here.out)).toMatchObject({ cost_usd: '3.3' })
    const byVariable = await ask(WORDS)
    const flags = ['--url', url, '--token', plane.token]
    const byFlag = await runFake([...WORDS, ...flags])
    const version = plane.prices.current().version
    for (const { out, exitCode } of [byVariable, byFlag]) {
      expect(exitCode).toBe(EXIT.done)
      expect(JSON.parse(out)).toMatchObject({ cost_usd: '1.65', price_book_version: version })
    }
    const body = { model: WORDS[2], usage: 'input=1000000' }
    const answered = await plane.send('POST', '/api/v1/price', body)
    expect(byVariable.out.trimEnd()).toBe(await answered.text())
  })

  it('[U14] every word of the question goes along', async () => {
    const words =
      '--region eu-west-1 --tier flex --scope geo --account 210987654321 --at 2026-11-01'
    const { out } = await ask([...WORDS, ...words.split(' ')])
    expect(JSON.parse(out) as PriceAnswer).toMatchObject({
      region: 'eu-west-1',
      tier: 'flex',
      scope: 'geo',
      account: '210987654321',
      at: '2026-11-01T00:00:00.000Z',
    })
  })

  it('[U14] says whose book it was, and needs none of its own', async () => {
    const shown = await ask(WORDS, true)
    expect(shown.out).toContain(`by the price book ${plane.prices.current().version} of ${url}\n`)
    const files = { 'prices.json': sealBookFile({ layers: [], overrides: [] }).slice(9) }
    const env = { LEDGEROCK_URL: url, LEDGEROCK_TOKEN: plane.token }
    expect(await runFake(WORDS, { env, files })).toMatchObject({ exitCode: EXIT.done })
  })

  it('[U3] what the server refuses is wrong usage; one that does not answer is a failure', async () => {
    const wrong = await ask([...WORDS, '--tier', 'gold'])
    expect(wrong).toMatchObject({ exitCode: EXIT.usage, out: '' })
    expect(wrong.notes).toContain('tier: unknown tier "gold"')
    const gone = await runFake([...WORDS, '--url', 'http://127.0.0.1:9', '--token', 'lra_x'])
    expect(gone).toMatchObject({ exitCode: EXIT.failed, out: '' })
  })
})

describe('prices that are taken back', () => {
  it('an override of a name in use is replaced by --replace only', async () => {
    const set = ['prices', 'override', 'set', '--name', 'edp', '--models', 'anthropic.*']
    expect(await ask([...set, '--percent', '-50'])).toMatchObject({ exitCode: EXIT.done })
    const again = await ask([...set, '--percent', '-10'])
    expect(again).toMatchObject({ exitCode: EXIT.failed, out: '' })
    expect(again.notes).toContain('-50')
    expect(again.notes).toContain('replace')
    expect(JSON.parse((await ask(WORDS)).out)).toMatchObject({ cost_usd: '1.65' })
    await ask([...set, '--percent', '-10', '--replace'])
    expect(JSON.parse((await ask(WORDS)).out)).toMatchObject({ cost_usd: '2.97' })
  })

  it('an imported document is withdrawn by the id the book shows, and stays explained', async () => {
    const done = await plane.change('POST', 'prices/import', onePrice('7'))
    const [charge] = (JSON.parse((await ask(WORDS)).out) as PriceAnswer).charges
    expect(charge).toMatchObject({ amount_usd: '7' })
    const id = String(done['document_id'])
    const book = await ask(['prices', 'book'], true)
    expect(book.out).toContain(id)
    const words = ['prices', 'withdraw', id, '--reason', 'wrong list']
    const shown = await ask(words, true)
    expect(shown.notes).toBe('')
    expect(shown.out).toContain(`${id} is withdrawn; price book `)
    expect(JSON.parse((await ask(WORDS)).out)).toMatchObject({ cost_usd: '3.3' })
    expect(await plane.ask(`prices/rates/${charge?.rate_id}`)).toMatchObject({ price_usd: '7' })
    expect(await ask(words)).toMatchObject({ exitCode: EXIT.failed, out: '' })
  })
})
