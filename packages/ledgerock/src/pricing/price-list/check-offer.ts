// Checks that a value from outside is a whole price list file before any of it is used: every fault is named with its place, and
// one is enough to refuse the file. A file that was cut off is one whose terms or products are missing, or whose terms speak of
// products it does not hold.

import type { ProblemError } from '@ledgerock/contract'
import { OFFER_CODES, type Offer } from './offer.ts'

/** A file that is wrong throughout says so a thousand times and then once more. */
const FAULTS_MAX = 1_000
const DECIMAL = /^\d+(\.\d+)?$/
const FORMAT = /^v1\./

type Fields = { readonly [name: string]: unknown }

class Faults {
  readonly found: ProblemError[] = []
  #beyond = 0

  add(path: string, message: string): void {
    if (this.found.length < FAULTS_MAX) this.found.push({ path, message })
    else this.#beyond += 1
  }

  all(): readonly ProblemError[] {
    if (this.#beyond === 0) return this.found
    return [...this.found, { path: '', message: `and ${this.#beyond} more faults` }]
  }
}

/** All faults of the files together; where there are none, the values are `Offer`s. */
export function offerFaults(values: readonly unknown[]): readonly ProblemError[] {
  const faults = new Faults()
  if (values.length === 0) faults.add('', 'no price list file')
  const seen = new Set<unknown>()
  values.forEach((value, index) => {
    const path = values.length === 1 ? '' : `${index}.`
    if (!isFields(value)) return faults.add(path.slice(0, -1), 'not a price list file')
    checkHead(value, path, faults)
    if (seen.has(value['offerCode'])) {
      faults.add(`${path}offerCode`, `a second file of ${String(value['offerCode'])}`)
    }
    seen.add(value['offerCode'])
    checkProducts(value, path, faults)
    checkTerms(value, path, faults)
  })
  return faults.all()
}

/** What `offerFaults` found nothing wrong with. */
export function asOffers(values: readonly unknown[]): readonly Offer[] {
  return values as readonly Offer[]
}

function checkHead(file: Fields, path: string, faults: Faults): void {
  const { formatVersion, offerCode, version, publicationDate } = file
  if (typeof formatVersion !== 'string' || !FORMAT.test(formatVersion)) {
    faults.add(`${path}formatVersion`, `not a v1 price list: ${shown(formatVersion)}`)
  }
  if (!OFFER_CODES.some((code) => code === offerCode)) {
    const codes = OFFER_CODES.join(', ')
    faults.add(`${path}offerCode`, `${shown(offerCode)} is none of ${codes}`)
  }
  if (typeof version !== 'string' || version === '') faults.add(`${path}version`, 'missing')
  if (!isInstant(publicationDate)) faults.add(`${path}publicationDate`, 'not an instant')
}

function checkProducts(file: Fields, path: string, faults: Faults): void {
  const { products } = file
  if (!isFields(products)) return faults.add(`${path}products`, 'missing: the file is not whole')
  for (const sku in products) {
    const product = products[sku]
    const place = `${path}products.${sku}`
    if (!isFields(product) || !isFields(product['attributes'])) {
      faults.add(place, 'not a product')
      continue
    }
    const { attributes } = product
    if (typeof attributes['usagetype'] !== 'string') {
      faults.add(`${place}.attributes.usagetype`, 'missing')
    }
    for (const name in attributes) {
      if (typeof attributes[name] !== 'string') {
        faults.add(`${place}.attributes.${name}`, 'not a text')
      }
    }
  }
}

function checkTerms(file: Fields, path: string, faults: Faults): void {
  const { terms, products } = file
  if (!isFields(terms)) return faults.add(`${path}terms`, 'missing: the file is not whole')
  for (const kind in terms) {
    const bySku = terms[kind]
    if (!isFields(bySku)) {
      faults.add(`${path}terms.${kind}`, 'not a table of terms')
      continue
    }
    for (const sku in bySku) {
      const place = `${path}terms.${kind}.${sku}`
      if (isFields(products) && products[sku] === undefined) {
        faults.add(place, 'a price of a product that is not in the file')
      }
      const entries = bySku[sku]
      if (!isFields(entries)) faults.add(place, 'not a table of terms')
      else for (const code in entries) checkTerm(entries[code], `${place}.${code}`, faults)
    }
  }
}

function checkTerm(term: unknown, place: string, faults: Faults): void {
  if (!isFields(term)) return faults.add(place, 'not a term')
  if (!isInstant(term['effectiveDate'])) faults.add(`${place}.effectiveDate`, 'not an instant')
  const dimensions = term['priceDimensions']
  if (!isFields(dimensions)) return faults.add(`${place}.priceDimensions`, 'missing')
  for (const code in dimensions) {
    const dimension = dimensions[code]
    const at = `${place}.priceDimensions.${code}`
    if (!isFields(dimension)) {
      faults.add(at, 'not a price dimension')
      continue
    }
    for (const name of ['unit', 'description'] as const) {
      if (typeof dimension[name] !== 'string') faults.add(`${at}.${name}`, 'missing')
    }
    const prices = dimension['pricePerUnit']
    if (!isFields(prices)) {
      faults.add(`${at}.pricePerUnit`, 'missing')
      continue
    }
    for (const currency in prices) {
      const price = prices[currency]
      if (typeof price !== 'string' || !DECIMAL.test(price)) {
        faults.add(`${at}.pricePerUnit.${currency}`, `not a decimal price: ${shown(price)}`)
      }
    }
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isInstant(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(value) &&
    !Number.isNaN(Date.parse(value))
  )
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? 'nothing').slice(0, 60)
}
