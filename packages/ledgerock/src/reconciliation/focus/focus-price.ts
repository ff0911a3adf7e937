// Quantities and unit prices of a charge in FOCUS: tokens are priced by the million, other things by one. The standard wants
// cost = unit price × quantity, exactly; so a price keeps as many decimals as 18 less the quantity's, and the cost is their product.

import { apportion } from '../../kernel/apportion.ts'
import { divideRoundHalfEven } from '../../kernel/money.ts'
import { isTokens, type BilledLine } from '../cell.ts'
import type { Exact } from '../exact.ts'
import { ATTOS_PER_ONE, type Attos } from './focus-row.ts'

export type Measure = {
  readonly consumedUnit: string
  readonly pricingUnit: string
  /** Consumed units in one pricing unit: a power of ten. */
  readonly per: bigint
  /** Whole consumed units have no decimals; hours and months have nine. */
  readonly decimals: number
}

const TOKENS: Measure = {
  consumedUnit: 'Tokens',
  pricingUnit: '1000000 Tokens',
  per: 1_000_000n,
  decimals: 0,
}
const ofOne = (unit: string): Measure => ({
  consumedUnit: unit,
  pricingUnit: unit,
  per: 1n,
  decimals: 9,
})
/** A charge that counts nothing we can read: one of it, at its cost. */
export const ONE_CHARGE: Measure = {
  consumedUnit: 'Units',
  pricingUnit: 'Units',
  per: 1n,
  decimals: 6,
}

const UNITS: Readonly<Record<string, Measure>> = {
  images: ofOne('Images'),
  image_input: ofOne('Images'),
  video_seconds: ofOne('Seconds'),
  search_units: ofOne('Units'),
  requests: ofOne('Requests'),
  model_unit_hours: ofOne('Unit-Hours'),
  tpm_hours: ofOne('Unit-Hours'),
  storage_months: ofOne('Unit-Months'),
}

export function measureOf({ kind, sort }: Pick<BilledLine, 'kind' | 'sort'>): Measure {
  const isPicture = sort !== '' && sort !== 'long_context'
  if (isTokens(kind)) return isPicture ? ofOne('Units') : TOKENS
  return UNITS[kind] ?? ofOne('Units')
}

export type Priced = {
  readonly measure: Measure
  /** Of the whole charge, in steps of the measure's decimals. */
  readonly steps: bigint
  readonly listUnitPrice: Attos
  readonly contractedUnitPrice: Attos
}

const EXACT_PER_STEP_OF_ONE = 10n ** 30n
const EXACT_PER_ATTO = 10n ** 12n

/** Both prices of a line; a cost against the sign of its quantity has none per unit, and is one charge. */
export function pricedLine(line: BilledLine): Priced {
  const list = line.list ?? line.unblended
  const contracted = line.net
  if (line.quantity !== null) {
    const measure = measureOf(line)
    const steps = stepsOf(line.quantity, measure)
    const isPriced = (cost: Exact): boolean =>
      cost === 0n || (steps !== 0n && cost > 0n === steps > 0n)
    if (isPriced(list) && isPriced(contracted)) {
      return {
        measure,
        steps,
        listUnitPrice: unitPrice(list, steps, measure),
        contractedUnitPrice: unitPrice(contracted, steps, measure),
      }
    }
  }
  // A list price of the other sign than the cost cannot be said beside it.
  const isBack = contracted < 0n || (contracted === 0n && list < 0n)
  const steps = (isBack ? -1n : 1n) * 10n ** BigInt(ONE_CHARGE.decimals)
  const sameSign = list === 0n || list < 0n === isBack
  return {
    measure: ONE_CHARGE,
    steps,
    listUnitPrice: unitPrice(sameSign ? list : contracted, steps, ONE_CHARGE),
    contractedUnitPrice: unitPrice(contracted, steps, ONE_CHARGE),
  }
}

function stepsOf(quantity: Exact, { decimals }: Measure): bigint {
  return divideRoundHalfEven(quantity, EXACT_PER_STEP_OF_ONE / 10n ** BigInt(decimals))
}

/** Steps in one pricing unit. */
function stepsPerPricingUnit({ per, decimals }: Measure): bigint {
  return per * 10n ** BigInt(decimals)
}

/** Decimals of a price, so that its product with a quantity has 18. */
function unitPrice(cost: Exact, steps: bigint, measure: Measure): Attos {
  if (steps === 0n) return 0n as Attos
  const whole = stepsPerPricingUnit(measure)
  const [magnitude, count] = [cost < 0n ? 0n - cost : cost, steps < 0n ? -steps : steps]
  // A cost is in 1e-30, a price in 1e-18, and there a multiple of `whole`: those decimals are its quantity's.
  const price = divideRoundHalfEven(magnitude * whole, count * EXACT_PER_ATTO * whole)
  return (price * whole) as Attos
}

export function consumedOf(steps: bigint, { decimals }: Measure): Attos {
  return ((steps * ATTOS_PER_ONE) / 10n ** BigInt(decimals)) as Attos
}

export function pricingQuantityOf(steps: bigint, measure: Measure): Attos {
  return ((steps * ATTOS_PER_ONE) / stepsPerPricingUnit(measure)) as Attos
}

/** Exact: the price has the decimals for it. */
export function productOf(price: Attos, steps: bigint, measure: Measure): Attos {
  return ((price * steps) / stepsPerPricingUnit(measure)) as Attos
}

/** Steps of each part; they add up to the line's. */
export function dividedSteps(
  steps: bigint,
  weights: readonly bigint[],
  salt: string,
): readonly bigint[] {
  if (weights.length === 1) return [steps]
  const shares = weights.map((weight, index) => ({ key: String(index), weight }))
  return apportion(steps, shares, salt) ?? weights.map((_, index) => (index === 0 ? steps : 0n))
}

const RATIO_ONE = 10n ** 12n

/** Decimals that add up to one. */
export function ratiosOf(weights: readonly bigint[], salt: string): readonly string[] {
  return dividedSteps(RATIO_ONE, weights, salt).map((part) => {
    const digits = part.toString().padStart(13, '0')
    const fraction = digits.slice(1).replace(/0+$/, '')
    return fraction === '' ? digits.slice(0, 1) : `${digits.slice(0, 1)}.${fraction}`
  })
}
