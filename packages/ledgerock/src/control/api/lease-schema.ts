// How leases, and what frees them, look in the reference.

import { z } from '@hono/zod-openapi'
import { LEASE_STATES } from '../../governance/budget/lease.ts'
import { amountFields } from './budget-schema.ts'
import { requiredReason } from './governance-answers.ts'
import { component, count, instant } from './schemas.ts'

const INSTANCE = 'search-monthly@mg6h8ow0'
const HOLDER = '01999e1c-7d00-7000-8000-000000000002'
const NODE = '01999e1c-7d00-7000-8000-000000000001'

const EXAMPLE_LEASE = {
  instance: INSTANCE,
  budget: 'search-monthly',
  counter: null,
  period_from: '2026-10-01T00:00:00.000Z',
  holder: HOLDER,
  node_id: NODE,
  state: 'lost',
  cut_off: false,
  granted_usd: '20',
  granted_tokens: null,
  returned_usd: '0',
  returned_tokens: null,
  settled_usd: '12.5',
  settled_tokens: null,
  held_usd: '7.5',
  held_tokens: null,
} as const
const lease = component(
  'Lease',
  z.object({
    instance: z.string().openapi({ description: 'The counter in its period' }),
    budget: z.string(),
    counter: z.string().nullable(),
    period_from: instant.nullable(),
    holder: z.string().openapi({ description: 'The journal of the worker that has it' }),
    node_id: z.string(),
    state: z.enum(LEASE_STATES),
    cut_off: z.boolean().openapi({ description: 'Its node has not been heard of for a while' }),
    ...amountFields('granted', 'In total'),
    ...amountFields('returned', 'In total'),
    ...amountFields('settled', 'Charged to calls, in total'),
    ...amountFields('held', 'Counts against the limit beyond what was settled'),
  }),
  EXAMPLE_LEASE,
)
export const leaseList = component(
  'LeaseList',
  z.object({ items: z.array(lease), next_cursor: z.null() }),
  { items: [EXAMPLE_LEASE], next_cursor: null },
)
export const reclaimBody = component(
  'ReclaimLease',
  z.strictObject({
    instance: z.string().min(1).max(4_096),
    holder: z.string().min(1).max(256),
    reason: requiredReason,
  }),
  { instance: INSTANCE, holder: HOLDER, reason: 'the disk was examined: nothing more was spent' },
)
export const reclaimedLease = component(
  'ReclaimedLease',
  z.object({
    instance: z.string(),
    holder: z.string(),
    ...amountFields('freed', 'Counts against the limit no more'),
  }),
  { instance: INSTANCE, holder: HOLDER, freed_usd: '7.5', freed_tokens: null },
)
export const evictedNode = component(
  'EvictedNode',
  z.object({
    node_id: z.string(),
    leases: z.array(lease).openapi({ description: 'Lost with it; they stay charged' }),
  }),
  { node_id: NODE, leases: [EXAMPLE_LEASE] },
)

const finding = z.object({
  instance: z.string(),
  budget: z.string(),
  counter: z.string().nullable(),
  counted_usd: z.string().nullable(),
  counted_tokens: z.int().nullable(),
  ledger_usd: z.string().nullable(),
  ledger_tokens: z.int().nullable(),
  difference_usd: z.string().nullable(),
  difference_tokens: z.int().nullable(),
})
export const budgetCheck = z.object({
  sound: z.boolean(),
  checked: count.openapi({ description: 'Counters that stood still and were compared' }),
  moving: count.openapi({
    description: 'Counters of which nothing can be said: calls kept coming',
  }),
  findings: z.array(finding),
  lost: z
    .array(
      z.object({
        instance: z.string(),
        budget: z.string(),
        counter: z.string().nullable(),
        ...amountFields('lost', 'Held by leases that are lost, and counted as spent'),
      }),
    )
    .openapi({ description: 'What is written off until it is reclaimed; no finding' }),
})
