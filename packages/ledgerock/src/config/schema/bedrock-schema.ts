// `bedrock` in the file: which accounts and regions calls go to, as whom, and what happens when something goes wrong on the way.

import * as z from 'zod'
import {
  durationBetween,
  oneOf,
  regionName,
  share,
  textOf,
  url,
  when,
  wholeNumber,
  yesOrNo,
} from '../field.ts'

export const IDENTITY_MODES = ['gateway', 'session', 'profiles'] as const

export const SESSION_FAILURES = ['refuse', 'gateway'] as const

export const DISCONNECT_POLICIES = ['drain', 'cancel'] as const

const URL_WANTED = 'must be null or an http or https URL'
const ACCOUNT_WANTED = 'must be null or an account id: 12 digits in quotes'
const ROLE_WANTED = 'must be the ARN of an IAM role: arn:aws:iam::123456789012:role/name'
const PROFILE_WANTED =
  'must be the ARN of an application inference profile: arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/id'

/** STS takes no more tags with a session. */
const TAGS_MAX = 50

const identity = z
  .strictObject({
    mode: oneOf(IDENTITY_MODES)
      .default('gateway')
      .meta({ description: 'Whose AWS identity calls Bedrock, which is what the bill names.' }),
    role_arn: textOf(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/, ROLE_WANTED)
      .optional()
      .meta({ description: 'session: the role that is assumed.' }),
    session_name: z
      .string({ error: 'must be a text such as lr-{team}' })
      .optional()
      .meta({ description: 'session: RoleSessionName, with dimensions in it: lr-{team}.' }),
    tags: z
      .record(
        textOf(
          /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu,
          'must be a tag key: 1 to 128 letters, digits, spaces and _.:/=+-@, not starting with aws:',
        ),
        z.string({ error: 'must be the name of a dimension' }),
        { error: 'must be a map of tag key: dimension' },
      )
      .refine((tags) => Object.keys(tags).length <= TAGS_MAX, {
        error: `must be at most ${TAGS_MAX} tags`,
      })
      .optional()
      .meta({ description: 'session: session tags, each with the dimension it carries.' }),
    on_failure: oneOf(SESSION_FAILURES).optional().meta({
      description:
        'session: what happens while STS gives none; gateway: the bill names the gateway then.',
    }),
    map: z
      .array(
        z.strictObject({
          when: when.default({}).meta({ description: 'Dimensions the rule holds for.' }),
          model: textOf(
            /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}$/,
            'must be a model id such as anthropic.claude-sonnet-4-6',
          ).meta({ description: 'The model as clients name it, or its base id.' }),
          arn: textOf(
            /^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:\d{12}:application-inference-profile\/[A-Za-z0-9.:-]{1,128}$/,
            PROFILE_WANTED,
          ).meta({ description: 'The application inference profile it is called through.' }),
        }),
        { error: 'must be a list of rules' },
      )
      .min(1, { error: 'must have at least one rule' })
      .max(10_000, { error: 'must be at most 10000 rules' })
      .optional()
      .meta({ description: 'profiles: the first rule that holds names the profile.' }),
  })
  .prefault({})

const accountId = textOf(/^\d{12}$/, ACCOUNT_WANTED)
  .nullable()
  .default(null)
  .meta({ description: 'Account that pays; null: asked from STS, once.' })

const endpoint = url(['http:', 'https:'], URL_WANTED)
  .nullable()
  .default(null)
  .meta({ description: 'A simulator, VPC endpoint or proxy; null: AWS itself.' })

const mantleEndpoint = url(['http:', 'https:'], URL_WANTED).nullable().default(null).meta({
  description: 'The same for calls under /mantle; null: AWS itself.',
})

const target = z.strictObject({
  name: textOf(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'must be 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore',
  ).meta({ description: 'Name of the target in metrics and logs.' }),
  region: regionName.meta({ description: 'Region it serves.' }),
  account_id: accountId,
  endpoint,
  mantle_endpoint: mantleEndpoint,
  when: when.default({}).meta({ description: 'Dimensions of the calls it takes; empty: all.' }),
  identity,
})

const onLeave = {
  unary: oneOf(DISCONNECT_POLICIES).default('drain').meta({
    description: 'A client left a unary call: its answer is read for its usage, or cut.',
  }),
  stream: oneOf(DISCONNECT_POLICIES).default('cancel').meta({
    description: 'A client left a stream: it is stopped, or read to its end for its usage.',
  }),
}

export const bedrock = z.strictObject({
  region: regionName.default('us-east-1').meta({ description: 'Region of calls that name none.' }),
  account_id: accountId,
  endpoint,
  mantle_endpoint: mantleEndpoint,
  identity,
  targets: z
    .array(target, { error: 'must be a list of targets' })
    .min(1, { error: 'must have at least one target' })
    .max(200, { error: 'must be at most 200 targets' })
    .nullable()
    .default(null)
    .meta({ description: 'Several accounts and regions, in the order they are tried.' }),
  inject_metadata: yesOrNo
    .default(true)
    .meta({ description: 'Adds call id and dimensions to Bedrock request metadata.' }),
  on_client_disconnect: z
    .union(
      [
        z.strictObject(onLeave),
        z
          .array(
            z.strictObject({
              scope: when
                .default({})
                .meta({ description: 'Dimensions the rule holds for; empty: every call.' }),
              ...onLeave,
            }),
          )
          .min(1, { error: 'must have at least one rule' })
          .max(1000, { error: 'must be at most 1000 rules' }),
      ],
      { error: 'must be { unary, stream } or a list of { scope, unary, stream }' },
    )
    .prefault({}),
  drain_time: durationBetween('1s', '60m')
    .prefault('60s')
    .meta({ description: 'How long an answer nobody waits for is read.' }),
  drains: wholeNumber(0, 100_000)
    .default(200)
    .meta({ description: 'Answers read for nobody at once, per worker; more are cut.' }),
  retry: z
    .strictObject({
      attempts: wholeNumber(1, 5)
        .default(2)
        .meta({ description: 'Times a call is tried, the first included.' }),
      budget: share
        .prefault('20%')
        .meta({ description: 'Share of all calls that may be retries.' }),
    })
    .prefault({}),
})
