// What the package offers, one by one: a simulator to start, its options and records, and the reader of the `--faults` flag.

export { startSimulator, type Simulator, type SimulatorOptions } from './simulator.ts'
export { parseFaults, type ParsedFaults } from './parse-faults.ts'
export type { SimulatorCredential } from './authenticate.ts'
export type { SimulatedCall, SimulatedUsage } from './call-record.ts'
export type { FaultPlan, FrameFault, LatencyDistribution } from './fault.ts'
export type { SimulatorClock } from './simulation.ts'
export { modelIds } from './catalogue.ts'
