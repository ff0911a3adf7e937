// A price list file with a handful of SKUs as a test words them.

export type Listed = readonly [
  usagetype: string,
  usd: string,
  unit: string,
  attributes?: { readonly [name: string]: string },
  description?: string,
]

export function listedOffer(
  offerCode: string,
  listed: readonly Listed[],
  effectiveDate = '2026-09-01T00:00:00Z',
): { [name: string]: unknown } {
  const products: { [sku: string]: unknown } = {}
  const onDemand: { [sku: string]: unknown } = {}
  listed.forEach(([usagetype, usd, unit, attributes = {}, description = ''], index) => {
    const sku = `SKU${index}`
    products[sku] = { sku, attributes: { regionCode: 'us-east-1', ...attributes, usagetype } }
    const pricePerUnit = { USD: usd }
    const dimension = { unit, description, beginRange: '0', endRange: 'Inf', pricePerUnit }
    onDemand[sku] = {
      [`${sku}.T`]: { effectiveDate, priceDimensions: { [`${sku}.T.D`]: dimension } },
    }
  })
  return {
    formatVersion: 'v1.0',
    offerCode,
    version: '20260911130114',
    publicationDate: '2026-09-11T13:01:14Z',
    products,
    terms: { OnDemand: onDemand },
  }
}
