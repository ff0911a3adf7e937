// How the gateway reaches the built-in simulator, and whom its bill will name.

import type { SimulatorAccess } from './messages.ts'

/** `endpoint` is empty until the simulator has said where it listens. */
export function simulatorAccess(endpoint: string, seed: number): SimulatorAccess {
  const accountId = '111122223333'
  return {
    endpoint,
    seed,
    accessKeyId: 'AKIASIMULATOR0000000',
    secretAccessKey: 'simulator-secret',
    identity: { accountId, principalArn: `arn:aws:iam::${accountId}:user/ledgerock-gateway` },
  }
}
