// Writes price list files as AWS publishes them from prices of the book: products by SKU, terms beside them, prices with ten
// decimals per AWS's own unit. For tests and for trying an import without a network.

import type { PricedModel } from '../price-document.ts'
import { OFFER_CODES, type Offer, type OfferCode, type OfferTerm } from '../price-list/offer.ts'
import type { PriceKey } from '../price-list/read-sku.ts'
import { wordsFor, type Pick } from './price-list-words.ts'

export type KeyedPrice = { readonly key: PriceKey; readonly price: string }

type MutableOffer = Offer & {
  readonly products: { [sku: string]: Offer['products'][string] }
  readonly terms: { readonly OnDemand: { [sku: string]: { [term: string]: OfferTerm } } }
}

/** `models` by id; a key of "*" is sold beside any model. What AWS has no word for is left out and told to `leftOut`. */
export function writePriceLists(
  prices: readonly KeyedPrice[],
  models: ReadonlyMap<string, PricedModel>,
  terms: { readonly effectiveDate: string; readonly publicationDate: string },
  pick: Pick,
  leftOut: (price: KeyedPrice) => void = () => undefined,
): readonly Offer[] {
  const offers = new Map<OfferCode, MutableOffer>()
  prices.forEach((price, index) => {
    const { key } = price
    const words = wordsFor(models.get(key.modelId) ?? null, key, pick)
    if (words === null) return leftOut(price)
    const offer = offers.get(words.offer) ?? emptyOffer(words.offer, terms.publicationDate)
    offers.set(words.offer, offer)
    const sku = `SKU${String(index).padStart(13, '0')}`
    offer.products[sku] = {
      sku,
      productFamily: 'Amazon Bedrock',
      attributes: {
        ...words.attributes,
        regionCode: key.region,
        locationType: 'AWS Region',
        usagetype: words.usagetype,
      },
    }
    const code = `${sku}.JRTCKXETXF`
    offer.terms.OnDemand[sku] = {
      [code]: {
        effectiveDate: terms.effectiveDate,
        priceDimensions: {
          [`${code}.6YS6EN2CT7`]: {
            unit: words.unit,
            description: words.description,
            beginRange: '0',
            endRange: 'Inf',
            pricePerUnit: { USD: shifted(price.price, words.shift) },
          },
        },
      },
    }
  })
  return OFFER_CODES.flatMap((code) => offers.get(code) ?? [])
}

function emptyOffer(offerCode: OfferCode, publicationDate: string): MutableOffer {
  return {
    formatVersion: 'v1.0',
    offerCode,
    version: publicationDate.replaceAll(/\D/g, ''),
    publicationDate,
    products: {},
    terms: { OnDemand: {} },
  }
}

/** The decimal point moved to the left, and at least ten decimals. */
function shifted(price: string, shift: number): string {
  const [whole = '', fraction = ''] = price.split('.')
  const digits = whole.padStart(1 - shift, '0') + fraction
  const point = digits.length - fraction.length + shift
  return `${digits.slice(0, point)}.${digits.slice(point).padEnd(10, '0')}`
}
