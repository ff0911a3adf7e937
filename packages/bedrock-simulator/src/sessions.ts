// Temporary credentials handed out by AssumeRole, and what is known of them when they come back on a call: whose session it
// is, in which account, with which tags, until when. Keys and tokens are drawn from the seed: they open nothing.

import { hash } from 'node:crypto'

export type SessionTags = { readonly [key: string]: string }

export type Session = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiresAtMs: number
  readonly accountId: string
  readonly roleArn: string
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session>`: what the bill names. */
  readonly principalArn: string
  readonly tags: SessionTags
}

export type SessionAsk = {
  readonly roleArn: string
  readonly sessionName: string
  readonly durationSeconds: number
  readonly tags: SessionTags
}

export type Sessions = {
  readonly issue: (ask: SessionAsk, nowMs: number) => Session
  readonly find: (accessKeyId: string) => Session | undefined
  readonly issued: () => readonly Session[]
  readonly clear: () => void
}

export const NO_TAGS: SessionTags = Object.freeze({})

const KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const KEY_LETTERS = 16
const SESSIONS_MAX = 10_000

export function createSessions(seed: number, startedAtMs: number): Sessions {
  const sessions = new Map<string, Session>()
  let counter = 0
  return {
    issue: (ask, nowMs) => {
      counter += 1
      const secret = (purpose: string): Buffer =>
        hash('sha512', `${seed} ${startedAtMs} ${counter} ${purpose}`, 'buffer')
      const [, account = '', roleName = ''] = partsOfRole(ask.roleArn) ?? []
      const session: Session = {
        accessKeyId: `ASIA${keyLetters(secret('key'))}`,
        secretAccessKey: secret('secret').toString('base64').slice(0, 40),
        sessionToken: Buffer.concat([secret('one'), secret('two'), secret('three')]).toString(
          'base64',
        ),
        expiresAtMs: nowMs + ask.durationSeconds * 1_000,
        accountId: account,
        roleArn: ask.roleArn,
        principalArn: `arn:aws:sts::${account}:assumed-role/${roleName}/${ask.sessionName}`,
        tags: ask.tags,
      }
      sessions.set(session.accessKeyId, session)
      for (const oldest of sessions.keys()) {
        if (sessions.size <= SESSIONS_MAX) break
        sessions.delete(oldest)
      }
      return session
    },
    find: (accessKeyId) => sessions.get(accessKeyId),
    issued: () => [...sessions.values()],
    clear: () => sessions.clear(),
  }
}

/** The account and the last part of the path, which is the role's name; null for what is no role. */
export function partsOfRole(roleArn: string): RegExpExecArray | null {
  return /^arn:aws(?:-us-gov)?:iam::(\d{12}):role\/(?:[\w+=,.@-]+\/)*([\w+=,.@-]{1,64})$/.exec(
    roleArn,
  )
}

function keyLetters(bytes: Buffer): string {
  let letters = ''
  for (const byte of bytes.subarray(0, KEY_LETTERS)) letters += KEY_ALPHABET.charAt(byte % 32)
  return letters
}
