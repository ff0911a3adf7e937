// A worker's side towards AWS, put together from the configuration: the targets with the credentials they lend, the proof of
// callers' AWS identities, and the look-up of inference profiles. With the simulator standing in for AWS, everything that would
// ask AWS asks the simulator.

import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { createProfileAsker } from '../../aws/ask-inference-profile.ts'
import { createAssumeRole } from '../../aws/assume-role.ts'
import {
  askCallerIdentity,
  findCallerIdentity,
  type CallerIdentity,
} from '../../aws/caller-identity.ts'
import { createGatewayLender, type CredentialLender } from '../../aws/credential-lender.ts'
import { createIdentityVerifier, type IdentityVerifier } from '../../aws/identity-verifier.ts'
import { createProfileLookup, type ProfileLookup } from '../../aws/inference-profiles.ts'
import { createProfileFile } from '../../aws/profile-file.ts'
import { createStsSender } from '../../aws/send-to-sts.ts'
import {
  createSessionLender,
  createStsLimiter,
  type SessionLender,
} from '../../aws/session-lender.ts'
import { systemTimers, within } from '../../aws/timers.ts'
import { createUpstreamCredentials, type CredentialSource } from '../../aws/upstream-credentials.ts'
import type { Config } from '../../config.ts'
import type { TargetConfig } from '../../config/settings/settings.ts'
import { createTarget, type Target } from '../../gateway/attempt/upstream.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logging.ts'
import { profileFile } from '../data-layout.ts'
import type { SimulatorAccess } from '../messages.ts'

/** A worker that does not know yet whom the bill will name serves all the same. */
const START_WAITS_MS = 2_000

export type AwsSide = {
  readonly targets: readonly Target[]
  readonly identities: IdentityVerifier
  /** The accounts Bedrock is called in, as far as they are known. */
  readonly ownAccounts: () => ReadonlySet<string>
  readonly profiles: ProfileLookup
  /** Makes the sessions ready that calls of these bindings will go out with. */
  readonly prefetch: (bindings: readonly Readonly<Record<string, string>>[]) => void
  readonly close: () => Promise<void>
}

/** Waits a moment for whom the bill will name, so that the first calls have it too. */
export async function openAwsSide(
  logger: Logger,
  config: Config,
  simulator: SimulatorAccess | null,
): Promise<AwsSide> {
  const { callTimeoutMs, idleTimeoutMs } = config.gateway.limits
  const chain = fromNodeProviderChain()
  const source: CredentialSource =
    simulator === null ? () => chain() : () => Promise.resolve(simulator)
  const lenders = openLenders(logger, config, source, simulator)
  const targets = config.bedrock.targets.map((target) =>
    createTarget(systemClock, addressOf(target, simulator), lenders.of(target), {
      headersMs: callTimeoutMs,
      idleMs: idleTimeoutMs,
    }),
  )
  const profiles = openProfiles(logger, config, simulator, (target, index) =>
    target.identity.mode === 'session' ? lentBy(targets[index] as Target) : source,
  )
  const deliverTo = simulator === null ? config.stsEndpoint : `${simulator.endpoint}/sts`
  await lenders.askedOnce()
  return {
    targets,
    identities: createIdentityVerifier({
      clock: systemClock,
      audience: config.gateway.audience,
      send: createStsSender(deliverTo),
    }),
    ownAccounts: lenders.accounts,
    profiles,
    prefetch: lenders.prefetch,
    async close() {
      lenders.stop()
      await Promise.all([profiles.close(), ...targets.map((target) => target.close())])
    },
  }
}

type Lenders = {
  readonly of: (target: TargetConfig) => CredentialLender
  readonly prefetch: AwsSide['prefetch']
  readonly accounts: AwsSide['ownAccounts']
  readonly askedOnce: () => Promise<void>
  readonly stop: () => void
}

/** As whom calls go out, target by target; what they ask of STS has one limit together. */
function openLenders(
  logger: Logger,
  { bedrock }: Config,
  source: CredentialSource,
  simulator: SimulatorAccess | null,
): Lenders {
  const credentials = createUpstreamCredentials(systemClock, source)
  const asked = bedrock.targets.some((target) => identityOf(target, simulator) === null)
    ? findCallerIdentity(
        () => askCallerIdentity(bedrock.defaultRegion, source),
        (reason) => logger.warn({ reason }, 'account_unknown'),
      )
    : null
  const limiter = createStsLimiter(systemClock)
  const endpoint = simulator === null ? null : `${simulator.endpoint}/sts/`
  const sessions: SessionLender[] = []
  return {
    of(target) {
      const known = identityOf(target, simulator)
      const gateway = createGatewayLender(credentials, () => known ?? asked?.current() ?? null)
      const { identity, region, name } = target
      if (identity.mode !== 'session') return gateway
      const assume = createAssumeRole({ region, credentials: source, endpoint })
      const onFailure = (reason: string): void =>
        logger.warn({ target: name, reason }, 'session_not_had')
      const session = createSessionLender(
        { clock: systemClock, assume, gateway, onFailure, limiter },
        identity,
      )
      sessions.push(session)
      return session
    },
    prefetch(bindings) {
      for (const session of sessions) session.prefetch(bindings)
    },
    accounts() {
      const accounts = bedrock.targets.map(
        (target) =>
          identityOf(target, simulator)?.accountId ??
          accountOfRole(target) ??
          asked?.current()?.accountId,
      )
      return new Set(accounts.filter((account) => account !== undefined))
    },
    askedOnce: () =>
      asked === null
        ? Promise.resolve()
        : within(systemTimers, START_WAITS_MS, asked.askedOnce, () => undefined),
    stop: () => asked?.stop(),
  }
}

function openProfiles(
  logger: Logger,
  { bedrock, dataDir }: Config,
  simulator: SimulatorAccess | null,
  credentialsOf: (target: TargetConfig, index: number) => CredentialSource,
): ProfileLookup {
  const endpoint = simulator?.endpoint ?? null
  const places = bedrock.targets.map((target, index) => ({
    region: target.region,
    accountId: target.accountId ?? accountOfRole(target),
    endpoint,
    credentials: credentialsOf(target, index),
  }))
  return createProfileLookup({
    clock: systemClock,
    ask: createProfileAsker(places).ask,
    memory: createProfileFile(profileFile(dataDir), (reason) =>
      logger.warn({ reason }, 'profile_file_ignored'),
    ),
    report: (arn, reason) => logger.warn({ arn, reason }, 'profile_not_resolved'),
  })
}

/** A role may be of another account than the gateway, whose own credentials see no profile there; any session of it does. */
function lentBy({ lender }: Target): CredentialSource {
  const anybody = {}
  return async () => {
    const { credentials } = lender.current(anybody) ?? (await lender.load(anybody))
    const { sessionToken, ...pair } = credentials
    const session = sessionToken === undefined ? pair : { ...pair, sessionToken }
    // Asked for anew each time: how long a session lives is the lender's business.
    return { ...session, expiration: new Date(0) }
  }
}

function accountOfRole({ identity }: TargetConfig): string | null {
  return identity.mode === 'session' ? (identity.roleArn.split(':')[4] ?? null) : null
}

/** Nobody has to be asked for the account where the configuration names it; the principal then stays open. */
function identityOf(
  { accountId }: TargetConfig,
  simulator: SimulatorAccess | null,
): CallerIdentity | null {
  if (simulator !== null) return simulator.identity
  return accountId === null ? null : { accountId, principalArn: null }
}

function addressOf(
  target: TargetConfig,
  simulator: SimulatorAccess | null,
): Parameters<typeof createTarget>[1] {
  const { name, region, when, identity } = target
  const [endpoint, mantleEndpoint] =
    simulator === null
      ? [target.endpoint, target.mantleEndpoint]
      : [simulator.endpoint, `${simulator.endpoint}/mantle`]
  return {
    name,
    region,
    when,
    endpoint: endpoint ?? `https://bedrock-runtime.${region}.amazonaws.com`,
    mantleEndpoint: mantleEndpoint ?? `https://bedrock-mantle.${region}.api.aws`,
    profiles: identity.mode === 'profiles' ? identity.map : [],
  }
}
