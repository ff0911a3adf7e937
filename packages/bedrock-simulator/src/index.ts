// What the package offers, one by one: a simulator to start, its options and records, the reader of the `--faults` flag, and the
// bill of what was served or of a month made up from a seed.

export { startSimulator, type Simulator, type SimulatorOptions } from './simulator.ts'
export { parseFaults, type ParsedFaults } from './parse-faults.ts'
export type { SimulatorBearerKey, SimulatorCredential } from './authenticate.ts'
export type { SimulatedCall, SimulatedUsage } from './call-record.ts'
export type { FaultPlan, FrameFault, LatencyDistribution } from './fault.ts'
export { BLOCK_MARKER, type GuardrailPolicy } from './guardrail.ts'
export type { Session, SessionTags } from './sessions.ts'
export type { SideCall } from './side-calls.ts'
export type { SimulatorClock } from './simulation.ts'
export { modelIds } from './catalogue.ts'
export { billedCalls, type BilledCall, type ServedCallFacts } from './bill/billed-call.ts'
export {
  BILL_DEFAULTS,
  knownAtMs,
  type BillOptions,
  type StandingCharge,
} from './bill/bill-options.ts'
export { BILL_COLUMN_NAMES, type BillColumn, type BillRow } from './bill/bill-row.ts'
export { CAUSES, REASONS, RULES, THINGS } from './bill/bill-truth.ts'
export type {
  Cause,
  Evidence,
  Owner,
  Reason,
  Rule,
  Thing,
  TruthPart,
  TruthRow,
} from './bill/bill-truth.ts'
export type { BillAccount, BillWorld, OwnerRule, PrincipalTag } from './bill/bill-world.ts'
export { EMPTY_WORLD } from './bill/bill-world.ts'
export { deliverBill, type BillFile, type DeliveryOptions } from './bill/deliver-bill.ts'
export { saveBill } from './bill/save-bill.ts'
export { simulateMonth, type Month, type MonthOptions } from './bill/simulate-month.ts'
export { writeBill, type Bill, type BillAsk } from './bill/write-bill.ts'
