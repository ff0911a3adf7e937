// The charges of a synthetic month that no call makes: provisioned and reserved capacity, a custom model's store, support, what
// AWS gives back, and lines of other services, which a reader of Bedrock's bill leaves aside.

import type { BillOptions, StandingCharge } from './bill-options.ts'
import { NO_WORDS } from './bill-row.ts'
import { MAIN, PAYER } from './month-callers.ts'

function charge(
  thing: StandingCharge['thing'],
  usageType: string,
  rest: Partial<StandingCharge>,
): StandingCharge {
  return {
    thing,
    accountId: MAIN,
    region: 'us-east-1',
    usageType,
    productCode: 'AmazonBedrock',
    productName: 'Amazon Bedrock',
    isMarketplace: false,
    unit: 'Hours',
    rate: '1',
    quantity: 1,
    every: 'month',
    resourceId: '',
    resourceTags: NO_WORDS,
    ...rest,
  }
}

const SONNET = {
  productCode: 'b6h9k2m4q8s1v3x5z7c0d2f4',
  productName: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)',
  isMarketplace: true,
} as const

/** Small beside a month's calls, so that they do not drown them. */
const CHARGES: readonly StandingCharge[] = [
  charge('provisioned', 'USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits', {
    rate: '0.00375',
    quantity: 24,
    every: 'day',
    resourceId: `arn:aws:bedrock:us-east-1:${MAIN}:provisioned-model/p1q2r3s4t5u6`,
    resourceTags: { team: 'search' },
  }),
  charge('provisioned', 'USE1-MP:USE1_ProvisionedThroughput_NoCommit_ModelUnits_Usage-Units', {
    ...SONNET,
    unit: 'Units',
    rate: '0.0041',
    quantity: 24,
    every: 'day',
    resourceId: `arn:aws:bedrock:us-east-1:${MAIN}:provisioned-model/v7w8x9y0z1a2`,
  }),
  charge('reserved', 'USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units', {
    ...SONNET,
    unit: '1M TPM Hour',
    rate: '0.00198',
    quantity: 24,
    every: 'day',
  }),
  charge('storage', 'USE1-Nova2.0Lite-Customization-Storage', { unit: 'Month', rate: '0.95' }),
  charge('support', 'Dollar', {
    accountId: PAYER,
    region: 'global',
    productCode: 'AWSSupportEnterprise',
    productName: 'AWS Support (Enterprise)',
    unit: 'Dollar',
    rate: '0.1',
    quantity: 37,
  }),
  charge('other', 'BoxUsage:m7i.large', {
    productCode: 'AmazonEC2',
    productName: 'Amazon Elastic Compute Cloud',
    unit: 'Hrs',
    rate: '0.1008',
    quantity: 24,
    every: 'day',
  }),
  charge('other', 'USE1-MP:USE1_InputTokenCount-Units', {
    productCode: 'x9y8z7w6v5u4t3s2r1q0p9o8n',
    productName: 'Somebody Else’s Models (SaaS)',
    isMarketplace: true,
    unit: 'Units',
    rate: '2',
    quantity: 3,
  }),
]

export function standingCharges(
  seed: number,
): Pick<BillOptions, 'standing' | 'credits' | 'refunds'> {
  const credit = { accountId: PAYER, usd: '2.5', description: 'AWS Activate credit' }
  const refund = { accountId: MAIN, usd: '0.75', usageType: 'USE1-NovaPro-input-tokens' }
  return {
    standing: CHARGES,
    credits: seed % 2 === 0 ? [credit] : [credit, { ...credit, accountId: MAIN, usd: '1.234567' }],
    refunds: seed % 3 === 0 ? [] : [refund],
  }
}
