// A control plane as tests of prices use it: short ways to ask, to change, to be refused, and to look at a charge.

import { readFileSync } from 'node:fs'
import type { Problem } from '@ledgerock/contract'
import { expect } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { openBookFile } from '../../pricing/book-file.ts'
import type { PriceBook } from '../../pricing/price-book.ts'
import type { PriceDocument, PriceRow } from '../../pricing/price-document.ts'
import { startControlPlane } from './control-plane.ts'

export const PRICED_MODEL = 'anthropic.claude-sonnet-4-6'

export type Json = Record<string, unknown>

export type PricePlane = Awaited<ReturnType<typeof startPricePlane>>

export async function startPricePlane() {
  const plane = await startControlPlane()
  const get = async (path: string) => jsonOf(await plane.get(`/api/v1/${path}`))
  const send = async (method: string, path: string, body?: unknown) =>
    jsonOf(await plane.send(method, `/api/v1/${path}`, body))
  return {
    ...plane,
    ask: get,
    change: send,
    refused: async (method: string, path: string, body?: unknown) =>
      problemOf(await plane.send(method, `/api/v1/${path}`, body)),
    /** The charge for a million input tokens of the model, in us-east-1. */
    charge: async (rest: Json = {}): Promise<Json> => {
      const usage = { input: 1_000_000 }
      const question = { model: PRICED_MODEL, region: 'us-east-1', usage, ...rest }
      const { charges } = await send('POST', 'price', question)
      return (charges as Json[])[0] as Json
    },
    bookInFile: (): PriceBook => mustOk(openBookFile(readFileSync(plane.pricePath, 'utf8'))),
  }
}

export async function jsonOf(response: Response): Promise<Json> {
  const body = (await response.json()) as Json
  if (!response.ok) throw new Error(JSON.stringify(body))
  return body
}

export async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  return (await response.json()) as Problem
}

/** A document with one price: of the model's input in us-east-1. */
export function onePrice(usd: string, validFrom?: string, date = '2026-10-10'): PriceDocument {
  const row: PriceRow = {
    region: 'us-east-1',
    scope: 'in-region',
    tier: 'standard',
    prices: { input: usd },
    source: 'own',
    ...(validFrom === undefined ? {} : { valid_from: validFrom }),
  }
  return {
    schema: 'ledgerock-prices/1',
    sources: { own: { publisher: 'us', carried_by: 'mail', date } },
    rules: [],
    models: [
      {
        model_id: PRICED_MODEL,
        name: 'Claude Sonnet 4.6',
        provider: 'Anthropic',
        modality: 'text',
        lifecycle: { status: 'active' },
        rates: [row],
      },
    ],
    shared_rates: [],
    inference_profiles: [],
  }
}
