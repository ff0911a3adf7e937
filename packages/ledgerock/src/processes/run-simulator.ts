// The built-in simulator, standing in for Bedrock where there is no AWS account.

import { startSimulator } from '@ledgerock/bedrock-simulator'
import type { StartMessage } from './messages.ts'
import { simulatorAccess } from './simulator-access.ts'
import type { Parent } from './parent.ts'

/** What the simulator remembers of the calls it served; enough to look at, not enough to fill memory. */
const RECORDED_CALLS_MAX = 10_000

export async function runSimulator(parent: Parent, start: StartMessage): Promise<void> {
  const access = start.simulator ?? simulatorAccess('', start.simulatorSeed)
  const simulator = await startSimulator({
    host: '127.0.0.1',
    // After a restart it must be where the workers know it.
    port: access.endpoint === '' ? 0 : Number(new URL(access.endpoint).port),
    recordLimit: RECORDED_CALLS_MAX,
    seed: access.seed,
    accountId: access.identity.accountId,
    credentials: [{ accessKeyId: access.accessKeyId, secretAccessKey: access.secretAccessKey }],
  })
  const end = (): void => {
    void simulator.close().then(() => process.exit(0))
  }
  parent.onMessage((message) => {
    if (message.kind === 'stop') end()
    if (message.kind === 'metrics') parent.send({ kind: 'metrics', id: message.id, report: [] })
  })
  parent.onGone(end)
  parent.send({ kind: 'ready', url: simulator.url })
}
