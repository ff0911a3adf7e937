// A row of Cost and Usage as FOCUS 1.4 (https://focus.finops.org) has it: its columns, what each may hold, and our own beside them.
// Columns for things no Bedrock bill has (commitment discounts, capacity reservations, other pricing currencies, availability zones)
// are left out, as the standard wants. One table says all of it: types, files, checks and the warehouse follow it.

import type { Brand } from '../../kernel/brand.ts'
import type { Picodollars } from '../../kernel/money.ts'

/** Whole 1e-18: a price of twelve decimals by a quantity of six is exact. */
export type Attos = Brand<bigint, 'Attos'>

export const ATTO_DECIMALS = 18
export const ATTOS_PER_PICODOLLAR = 1_000_000n
export const ATTOS_PER_ONE = 10n ** 18n

export function attosOf(amount: Picodollars): Attos {
  return (amount * ATTOS_PER_PICODOLLAR) as Attos
}

export const FOCUS_VERSION = '1.4'

/** `json` is an object as text, `time` whole milliseconds that are written as UTC. */
export type FocusType = 'string' | 'decimal' | 'time' | 'json' | 'boolean'

export const CHARGE_CATEGORIES = ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'] as const
export type ChargeCategory = (typeof CHARGE_CATEGORIES)[number]

const text = { type: 'string', nullable: false } as const
const optionalText = { type: 'string', nullable: true } as const
const decimal = { type: 'decimal', nullable: false } as const
const optionalDecimal = { type: 'decimal', nullable: true } as const
const time = { type: 'time', nullable: false } as const
const json = { type: 'json', nullable: true } as const
const boolean = { type: 'boolean', nullable: false } as const

/** In the standard's order, then ours. `values` are all it may hold. */
export const FOCUS_COLUMNS = {
  AllocatedMethodDetails: json,
  AllocatedMethodId: optionalText,
  AllocatedResourceId: optionalText,
  AllocatedResourceName: optionalText,
  AllocatedTags: json,
  BilledCost: decimal,
  BillingAccountId: text,
  BillingAccountName: optionalText,
  BillingAccountType: text,
  BillingCurrency: text,
  BillingPeriodEnd: time,
  BillingPeriodStart: time,
  ChargeCategory: { ...text, values: CHARGE_CATEGORIES },
  ChargeClass: { ...optionalText, values: ['Correction'] },
  ChargeDescription: optionalText,
  ChargeFrequency: { ...text, values: ['One-Time', 'Recurring', 'Usage-Based'] },
  ChargePeriodEnd: time,
  ChargePeriodStart: time,
  ConsumedQuantity: optionalDecimal,
  ConsumedUnit: optionalText,
  ContractedCost: decimal,
  ContractedUnitPrice: optionalDecimal,
  EffectiveCost: decimal,
  HostProviderName: text,
  InvoiceId: optionalText,
  InvoiceIssuerName: text,
  ListCost: decimal,
  ListUnitPrice: optionalDecimal,
  PricingCategory: { ...optionalText, values: ['Standard', 'Dynamic', 'Committed', 'Other'] },
  PricingQuantity: optionalDecimal,
  PricingUnit: optionalText,
  RegionId: optionalText,
  RegionName: optionalText,
  ResourceId: optionalText,
  ResourceName: optionalText,
  ResourceType: optionalText,
  ServiceCategory: { ...text, values: ['AI and Machine Learning'] },
  ServiceName: text,
  ServiceProviderName: text,
  ServiceSubcategory: { ...text, values: ['Generative AI'] },
  SkuId: optionalText,
  SkuMeter: optionalText,
  SkuPriceDetails: json,
  SkuPriceId: optionalText,
  SubAccountId: optionalText,
  SubAccountName: optionalText,
  SubAccountType: optionalText,
  Tags: json,
  /** Whose it is; null: unknown or nobody's. */
  x_LedgerockTeam: optionalText,
  x_LedgerockApplication: optionalText,
  x_LedgerockEnvironment: optionalText,
  x_LedgerockCostCenter: optionalText,
  x_LedgerockFeature: optionalText,
  x_LedgerockWorkflowId: optionalText,
  x_LedgerockTenantId: optionalText,
  /** All dimensions, the declared ones included. */
  x_LedgerockDimensions: json,
  /** How the owner is known, and by which rule or why not. */
  x_LedgerockBasis: {
    ...text,
    values: ['metered', 'principal', 'tag', 'shared', 'apart', 'unattributed'],
  },
  x_LedgerockReason: text,
  /** What the ledger said these charges would cost; beside the bill, never part of it. */
  x_LedgerockMeteredCost: optionalDecimal,
  /** Metered, and not billed yet: `BilledCost` is nought. */
  x_LedgerockIsEstimate: boolean,
  /** The same for all parts of one charge of the bill; null: the charge is whole. */
  x_LedgerockOriginId: optionalText,
  x_LedgerockAdjustmentId: optionalText,
  x_LedgerockModelId: optionalText,
  x_LedgerockUsageType: optionalText,
  x_LedgerockPrincipal: optionalText,
} as const satisfies Readonly<
  Record<
    string,
    { readonly type: FocusType; readonly nullable: boolean; readonly values?: readonly string[] }
  >
>

export type FocusColumn = keyof typeof FOCUS_COLUMNS

type Held = {
  readonly string: string
  readonly decimal: Attos
  readonly time: number
  readonly json: string
  readonly boolean: boolean
}
type Spec<Column extends FocusColumn> = (typeof FOCUS_COLUMNS)[Column]

export type FocusRow = {
  readonly [Column in FocusColumn]:
    | (Spec<Column> extends { readonly values: readonly (infer Value)[] }
        ? Value
        : Held[Spec<Column>['type']])
    | (Spec<Column>['nullable'] extends true ? null : never)
}

export type FocusValue = string | bigint | number | boolean | null

export const FOCUS_COLUMN_NAMES = Object.keys(FOCUS_COLUMNS) as readonly FocusColumn[]

/** All 18 decimals' worth, without noughts behind; a whole number keeps one, so that no reader takes the column for integers. */
export function formatAttos(amount: Attos): string {
  const digits = (amount < 0n ? 0n - amount : amount).toString().padStart(ATTO_DECIMALS + 1, '0')
  const fraction = digits.slice(-ATTO_DECIMALS).replace(/0+$/, '')
  const sign = amount < 0n ? '-' : ''
  return `${sign}${digits.slice(0, -ATTO_DECIMALS)}.${fraction === '' ? '0' : fraction}`
}

/** To the second, as the standard writes it. */
export function formatFocusTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
