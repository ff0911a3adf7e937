// Where things lie in a data directory.

import { join } from 'node:path'

export const journalDirectory = (data: string): string => join(data, 'journal')
export const ledgerDirectory = (data: string): string => join(data, 'ledger')
export const controlDatabase = (data: string): string => join(data, 'control.sqlite')
export const policyFile = (data: string): string => join(data, 'policy.json')
/** The prices in force, but for the shipped snapshot, for every process that prices calls. */
export const priceFile = (data: string): string => join(data, 'prices.json')
/** What is on its way into the ledger; emptied at start. */
export const stagingDirectory = (data: string): string => join(data, 'staging')
export const runFile = (data: string): string => join(data, 'run.json')
export const masterKeyFile = (data: string): string => join(data, 'master-key')
export const adminTokenFile = (data: string): string => join(data, 'admin-token')
/** Which models stand behind application inference profiles, as AWS said once. */
export const profileFile = (data: string): string => join(data, 'inference-profiles.json')
export const nodeIdFile = (data: string): string => join(data, 'node-id')
