// `bedrock` of the validated file as settings: one target or many are a list of targets, one disconnect policy or many are a
// list of rules whose last one holds for every call, and an identity has the fields of its mode and no others.

import type { ConfigFile } from '../schema/schema.ts'
import type { BedrockConfig, DisconnectRule, IdentityConfig, TargetConfig } from './settings.ts'

type BedrockFile = ConfigFile['bedrock']

/** The name of the one target where the file has no list of them. */
const ONLY_TARGET = 'default'

const DISCONNECT_DEFAULT: DisconnectRule = { scope: {}, unary: 'drain', stream: 'cancel' }

export function bedrockOf(bedrock: BedrockFile): BedrockConfig {
  const targets = targetsOf(bedrock)
  const here = targets.some(({ region }) => region === bedrock.region)
  return {
    // The file may leave it out where there are targets; the schema's default need not be one of their regions then.
    defaultRegion: here ? bedrock.region : (targets[0]?.region ?? bedrock.region),
    targets,
    injectMetadata: bedrock.inject_metadata,
    onClientDisconnect: disconnectOf(bedrock.on_client_disconnect),
    drain: { timeMs: bedrock.drain_time, max: bedrock.drains },
    retry: { attempts: bedrock.retry.attempts, budgetPercent: bedrock.retry.budget },
  }
}

function targetsOf(bedrock: BedrockFile): readonly TargetConfig[] {
  const written = bedrock.targets ?? [{ ...bedrock, name: ONLY_TARGET, when: {} }]
  return written.map((target) => ({
    name: target.name,
    region: target.region,
    accountId: target.account_id,
    endpoint: target.endpoint,
    mantleEndpoint: target.mantle_endpoint,
    when: target.when,
    identity: identityOf(target.identity),
  }))
}

/** What a mode needs is there: `checkIdentity` has seen to it. */
function identityOf(identity: BedrockFile['identity']): IdentityConfig {
  const { mode, role_arn: roleArn = '', session_name: sessionName = '' } = identity
  if (mode === 'session') {
    const { tags = {}, on_failure: onFailure = 'refuse' } = identity
    return { mode, roleArn, sessionName, tags, onFailure }
  }
  return mode === 'profiles' ? { mode, map: identity.map ?? [] } : { mode }
}

function disconnectOf(written: BedrockFile['on_client_disconnect']): readonly DisconnectRule[] {
  const rules = Array.isArray(written) ? written : [{ scope: {}, ...written }]
  const last = rules.at(-1)
  const isWhole = last !== undefined && Object.keys(last.scope).length === 0
  return isWhole ? rules : [...rules, DISCONNECT_DEFAULT]
}
