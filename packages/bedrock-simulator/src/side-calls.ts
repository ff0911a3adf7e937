// Requests that are no calls of Bedrock's runtime: to STS and to the control plane. Kept so that a test can count them.

export type SideCall = {
  readonly service: 'sts' | 'control'
  readonly action: string
  readonly atMs: number
  /** Null: refused before anybody was recognised. */
  readonly principalArn: string | null
  /** The role assumed, the profile looked up. */
  readonly subject: string | null
}

export type SideService = SideCall['service']

export type SideCalls = {
  readonly add: (call: SideCall) => void
  readonly list: () => readonly SideCall[]
  readonly clear: () => void
}

const KEPT_MAX = 10_000

export function createSideCalls(): SideCalls {
  let calls: SideCall[] = []
  return {
    add: (call) => {
      calls.push(call)
      if (calls.length > 2 * KEPT_MAX) calls = calls.slice(KEPT_MAX)
    },
    list: () => calls.slice(-KEPT_MAX),
    clear: () => {
      calls = []
    },
  }
}
