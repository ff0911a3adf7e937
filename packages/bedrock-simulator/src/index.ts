// What the package offers, one by one: a simulator to start, its options and records, and the reader of the `--faults` flag.

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
