// What makes a whole price list file wrong though its form is right: a price of a known model that cannot be read, two prices for one
// thing from one day, a file in which nothing is a price. Each fault names its SKU with AWS's own word for it.

import type { ProblemError } from '@ledgerock/contract'
import type { Offer } from './offer.ts'
import type { PriceKey, StatedPrice } from './read-sku.ts'

export type StatedSku = { readonly offer: Offer; readonly sku: string }

type Statement = StatedPrice & { readonly key: PriceKey; readonly of: StatedSku }

const FAULTS_MAX = 1_000
const DAY_CHARS = '2026-10-01'.length

export class RefusedSkus {
  readonly faults: ProblemError[] = []
  readonly #offers: readonly Offer[]
  readonly #seen = new Set<string>()
  readonly #wrong = new Set<Offer>()

  constructor(offers: readonly Offer[]) {
    this.#offers = offers
  }

  add({ offer, sku }: StatedSku, message: string): void {
    const usagetype = offer.products[sku]?.attributes.usagetype ?? ''
    this.#wrong.add(offer)
    this.#add(`${this.#placeOf(offer)}products.${sku}`, `${usagetype}: ${message}`)
  }

  /** One SKU prices several scopes, so two of them can contradict each other more than once: that is one fault. */
  addContradiction(first: Statement, second: Statement): void {
    const pair = [first, second].map(({ of }) => `${this.#placeOf(of.offer)}${of.sku}`).join(' ')
    if (this.#seen.has(pair)) return
    this.#seen.add(pair)
    const day = new Date(second.fromMs).toISOString().slice(0, DAY_CHARS)
    const { offer, sku } = first.of
    const other = `${sku} (${offer.products[sku]?.attributes.usagetype ?? ''})`
    const message = `${told(second)} from ${day}, where ${other} says ${told(first)} for the same thing`
    this.add(second.of, message)
  }

  /** Files without a rate. The offer that sells no calls may come along with the others, but not alone. */
  addUnused(used: ReadonlySet<Offer>): void {
    for (const offer of this.#offers) {
      if (used.has(offer) || this.#wrong.has(offer)) continue
      if (offer.offerCode === 'AmazonBedrockAgentCore' && used.size > 0) continue
      const message = `nothing in the file of ${offer.offerCode} is a price of a known model`
      this.#add(`${this.#placeOf(offer)}products`, message)
    }
  }

  #add(path: string, message: string): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push({ path, message })
  }

  #placeOf(offer: Offer): string {
    return this.#offers.length === 1 ? '' : `${this.#offers.indexOf(offer)}.`
  }
}

function told({ price, key }: Statement): string {
  return `${price} USD (${key.unit}, ${key.medium})`
}
