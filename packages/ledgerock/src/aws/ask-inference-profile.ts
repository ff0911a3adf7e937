// Asks Bedrock's control plane what an inference profile stands for. Only in regions the gateway has a target in: a profile can be
// called nowhere else than where it is, and no caller's ARN decides where our credentials are sent. It needs
// `bedrock:GetInferenceProfile`.

import { BedrockClient, GetInferenceProfileCommand } from '@aws-sdk/client-bedrock'
import { MS_PER_SECOND } from '../kernel/time.ts'
import { modelOfProfile, placeOfProfile, type LookedUpModel } from './profile-model.ts'
import type { CredentialSource } from './upstream-credentials.ts'

export type ProfileAnswer = LookedUpModel | 'unresolvable'

export type ProfileTarget = {
  readonly region: string
  /** Null where it is not known; then it may be anyone's. */
  readonly accountId: string | null
  /** Of the control plane; null for AWS's own, or what `AWS_ENDPOINT_URL_BEDROCK` says. */
  readonly endpoint: string | null
  readonly credentials: CredentialSource
}

/** Throws where there is no answer. */
export type AskProfile = (arn: string) => Promise<ProfileAnswer>
export type ProfileAsker = { readonly ask: AskProfile; readonly close: () => void }

const TIMEOUT_MS = 5 * MS_PER_SECOND
/** Answers that will not change by asking again soon. */
const FINAL = new Set(['ResourceNotFoundException', 'ValidationException'])

export function createProfileAsker(targets: readonly ProfileTarget[]): ProfileAsker {
  const clients = new Map<ProfileTarget, BedrockClient>()

  function clientFor(target: ProfileTarget): BedrockClient {
    const known = clients.get(target)
    if (known !== undefined) return known
    const { region, endpoint, credentials } = target
    const client = new BedrockClient({
      region,
      credentials,
      maxAttempts: 2,
      requestHandler: {
        connectionTimeout: TIMEOUT_MS,
        requestTimeout: TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
      ...(endpoint === null ? {} : { endpoint }),
    })
    clients.set(target, client)
    return client
  }

  return {
    async ask(arn) {
      const target = targetOf(targets, arn)
      if (target === null) return 'unresolvable'
      try {
        const { type, inferenceProfileId, models } = await clientFor(target).send(
          new GetInferenceProfileCommand({ inferenceProfileIdentifier: arn }),
        )
        const modelArns = (models ?? []).map(({ modelArn }) => modelArn)
        return modelOfProfile(arn, { type, id: inferenceProfileId, modelArns }) ?? 'unresolvable'
      } catch (error) {
        if (error instanceof Error && FINAL.has(error.name)) return 'unresolvable'
        throw error
      }
    },
    close() {
      for (const client of clients.values()) client.destroy()
    },
  }
}

/** The profile's own account, where one of the targets has it; else one of its region. */
function targetOf(targets: readonly ProfileTarget[], arn: string): ProfileTarget | null {
  const place = placeOfProfile(arn)
  const here = targets.filter(({ region }) => region === place?.region)
  return here.find(({ accountId }) => accountId === place?.accountId) ?? here[0] ?? null
}
