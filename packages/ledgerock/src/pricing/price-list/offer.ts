// The shape of an AWS Price List bulk file, as far as it is read here: products by SKU, and for each the on-demand terms with their
// price dimensions.
// Source: AWS Billing user guide, "Reading the service price list files".

export const OFFER_CODES = [
  'AmazonBedrock',
  'AmazonBedrockFoundationModels',
  'AmazonBedrockService',
  'AmazonBedrockAgentCore',
] as const
export type OfferCode = (typeof OFFER_CODES)[number]

export type PriceDimension = {
  readonly unit: string
  readonly description: string
  readonly beginRange?: string
  readonly endRange?: string
  readonly pricePerUnit: { readonly [currency: string]: string }
}

export type OfferTerm = {
  /** ISO instant from which the price holds. */
  readonly effectiveDate: string
  readonly priceDimensions: { readonly [rateCode: string]: PriceDimension }
}

export type OfferProduct = {
  readonly sku: string
  readonly productFamily?: string
  readonly attributes: { readonly usagetype: string; readonly [name: string]: string }
}

export type Offer = {
  readonly formatVersion: string
  readonly offerCode: OfferCode
  readonly version: string
  readonly publicationDate: string
  readonly products: { readonly [sku: string]: OfferProduct }
  readonly terms: {
    readonly [kind: string]: { readonly [sku: string]: { readonly [term: string]: OfferTerm } }
  }
}
