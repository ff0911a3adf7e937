// `gateway` in the file: where the gateway listens, whom it takes without a credential, and how much of everything it takes.

import * as z from 'zod'
import { ANONYMOUS_MODES } from '../../governance/policy.ts'
import {
  addressRange,
  durationBetween,
  host,
  oneOf,
  portNumber,
  textOf,
  wholeNumber,
  yesOrNo,
} from '../field.ts'

export const BODY_BYTES_DEFAULT = 26_214_400
export const HELD_BYTES_DEFAULT = 419_430_400

const PATH_WANTED = 'must be the path of a PEM file'

const limits = z.strictObject({
  header_bytes: wholeNumber(1024, 1_048_576)
    .default(32_768)
    .meta({ description: 'Largest request head; larger is refused by the parser.' }),
  body_bytes: wholeNumber(1024, 268_435_456).default(BODY_BYTES_DEFAULT).meta({
    description: 'Largest request body (Bedrock itself takes 25 MB); larger answers 413.',
  }),
  held_bytes: wholeNumber(1024, 68_719_476_736).default(HELD_BYTES_DEFAULT).meta({
    description: 'All request bodies a worker holds at once; what finds no room answers 503.',
  }),
  connections: wholeNumber(1, 1_000_000)
    .default(10_000)
    .meta({ description: 'Connections open at once; more are closed on arrival.' }),
  streams: wholeNumber(1, 100_000)
    .default(1000)
    .meta({ description: 'Calls at once on one HTTP/2 connection.' }),
  calls: wholeNumber(1, 100_000)
    .default(2000)
    .meta({ description: 'Calls in flight per worker; more answer 503 at once.' }),
  header_timeout: durationBetween('100ms', '10m')
    .prefault('10s')
    .meta({ description: 'How long a client may take to send its request head.' }),
  body_timeout: durationBetween('100ms', '1h').prefault('60s').meta({
    description: 'How long a client may send nothing of its body, or take nothing of its answer.',
  }),
  idle_timeout: durationBetween('1s', '24h').prefault('350s').meta({
    description: 'How long an unused connection stays; as AWS load balancers do.',
  }),
  call_timeout: durationBetween('1s', '24h')
    .prefault('60m')
    .meta({ description: 'Longest call; Bedrock itself allows 60 minutes.' }),
})

const pemPath = textOf(/^[^\0]{1,1024}$/, PATH_WANTED)

export const gateway = z.strictObject({
  host: host.default('127.0.0.1').meta({ description: 'Address the gateway listens on.' }),
  port: portNumber.default(8080).meta({ description: 'Port of the gateway; 0 picks a free one.' }),
  workers: wholeNumber(1, 256)
    .default(2)
    .meta({ description: 'Gateway processes; about one per core that may be kept busy.' }),
  tls: z
    .strictObject(
      {
        cert: pemPath.meta({
          description: 'The certificate and its chain as PEM; relative to this file.',
        }),
        key: pemPath.meta({ description: 'Its private key as PEM, without a passphrase.' }),
      },
      {
        error: ({ code }) =>
          code === 'invalid_type' ? 'must be null or { cert, key }' : undefined,
      },
    )
    .nullable()
    .default(null)
    .meta({ description: 'TLS with HTTP/1.1 and HTTP/2; the files are read again on change.' }),
  insecure: yesOrNo
    .default(false)
    .meta({ description: 'Says that plain HTTP off the loopback interface is meant.' }),
  audience: textOf(
    /^[\u0021-\u007e]{1,255}$/,
    'must be null or 1 to 255 characters of ASCII without spaces',
  )
    .nullable()
    .default(null)
    .meta({
      description: 'What callers sign as x-ledgerock-gateway; null: AWS identities are refused.',
    }),
  max_policy_age: durationBetween('1m', '365d')
    .prefault('24h')
    .meta({ description: 'How long a worker cut off from control goes on with its last policy.' }),
  drain_timeout: durationBetween('0s', '24h')
    .prefault('30s')
    .meta({ description: 'How long running calls may take to finish after SIGTERM.' }),
  anonymous: z
    .strictObject({
      mode: oneOf(ANONYMOUS_MODES).default('deny').meta({
        description: 'Calls without a credential: refused, or recorded with the owner unknown.',
      }),
      from: z
        .array(addressRange, { error: 'must be a list of address ranges' })
        .default(['127.0.0.0/8'])
        .meta({ description: 'Addresses that anonymous calls may come from.' }),
    })
    .prefault({}),
  limits: limits.prefault({}),
})
