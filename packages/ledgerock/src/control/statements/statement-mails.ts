// Statements by mail: when a period closes, each order of the configuration is mailed to each of its receivers once, with the file
// attached. A mail waits in the store until it is taken; one that fails is tried again with growing pauses for three days. What was closed
// longer ago than a week is not news: who adds an order does not mail the past.

import { createHash } from 'node:crypto'
import type { AlertSink, SmtpServer } from '../../governance/alert-rule.ts'
import { assert } from '../../kernel/assert.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, type Clock } from '../../kernel/time.ts'
import { ownerKey, type Owner } from '../../reconciliation/owner.ts'
import { ownerWords, periodWords } from '../../reconciliation/statement/statement-words.ts'
import { faultWords } from './mail-transport.ts'
import { collected, STATEMENT_FORMATS, type StatementFormat } from './statement-file.ts'
import type { StatementMail } from './send-statement-mail.ts'
import type { StatementService } from './statements.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { StoredStatementMail } from '../store/statement-mail-table.ts'

export const STATEMENT_MAIL_TICK_MS = 30_000
const NEWS_MS = 7 * MS_PER_DAY
const BATCH = 20
const PAUSE_FIRST_MS = MS_PER_MINUTE
const PAUSE_MAX_MS = 4 * MS_PER_HOUR
const GIVE_UP_AFTER_MS = 3 * MS_PER_DAY
/** So long nobody else tries what is being sent. */
const TAKEN_MS = 10 * MS_PER_MINUTE
/** What most mail servers take, encoding included. */
const ATTACHMENT_BYTES_MAX = 18 * 1024 * 1024

/** As the configuration orders it: `owner` is empty for the whole. */
export type StatementOrder = {
  readonly owner: Owner
  readonly to: readonly string[]
  readonly format: StatementFormat
}

export type StatementMailOutcome = {
  readonly mailId: string
  readonly outcome: 'delivered' | 'failed' | 'given_up'
  readonly reason: string | null
}

export type StatementMailsDeps = {
  readonly store: Pick<ControlStore, 'read' | 'write'>
  readonly statements: Pick<StatementService, 'file'>
  readonly orders: () => readonly StatementOrder[]
  readonly sinks: () => readonly AlertSink[]
  /** @returns how many addresses were refused. @throws what the server or the network says */
  readonly send: (smtp: SmtpServer, mail: StatementMail) => Promise<number>
  readonly clock: Clock
  /** From 0 to 1. */
  readonly dice: () => number
  readonly onOutcome: (outcome: StatementMailOutcome) => void
}

export type StatementMails = {
  /** Looks what was closed, and sends what is due. */
  readonly tick: () => Promise<void>
}

export function createStatementMails(deps: StatementMailsDeps): StatementMails {
  return {
    async tick() {
      await notice(deps)
      const due = await deps.store.read.statements.mailsDue(isoTime(deps.clock.now()), BATCH)
      for (const mail of due) await attempt(deps, mail)
    },
  }
}

async function notice({ store, orders, clock }: StatementMailsDeps): Promise<void> {
  const ordered = orders()
  if (ordered.length === 0) return
  const now = clock.now()
  const closings = (await store.read.periods.closings()).filter(
    ({ reopenedAt, closedAt }) => reopenedAt === null && Date.parse(closedAt) >= now - NEWS_MS,
  )
  const mails = closings.flatMap(({ period, number }) =>
    ordered.flatMap(({ owner, to, format }) =>
      to.map((receiver) => newMail({ period, closing: number, owner, receiver, format }, now)),
    ),
  )
  const known = await Promise.all(mails.map(({ mailId }) => store.read.statements.findMail(mailId)))
  const fresh = mails.filter((_mail, index) => known[index] === null)
  if (fresh.length > 0) await store.write(({ statements }) => statements.enqueueMails(fresh))
}

type About = {
  readonly period: string
  readonly closing: number
  readonly owner: Owner
  readonly receiver: string
  readonly format: StatementFormat
}

function newMail({ period, closing, owner, receiver, format }: About, now: number) {
  const isWhole = Object.keys(owner).length === 0
  const about = JSON.stringify([period, closing, ownerKey(owner), receiver, format])
  return {
    mailId: createHash('sha256').update(about).digest('hex').slice(0, 32),
    period,
    closing,
    owner: isWhole ? null : owner,
    receiver,
    format,
    state: 'pending',
    createdAt: isoTime(now),
    nextAt: isoTime(now),
    attempts: 0,
    lastError: null,
    endedAt: null,
    statementId: null,
    statementSha256: null,
  } as const satisfies StoredStatementMail
}

async function attempt(deps: StatementMailsDeps, mail: StoredStatementMail): Promise<void> {
  const { store, clock } = deps
  const until = isoTime(clock.now() + TAKEN_MS)
  const isMine = await store.write(({ statements }) =>
    statements.takeMail(mail.mailId, mail.nextAt, until),
  )
  if (!isMine) return
  const told = await tell(deps, mail)
  const now = clock.now()
  const end = async (
    state: 'delivered' | 'dropped',
    reason: string | null,
    sent: Sent | null,
  ): Promise<void> => {
    const what = { statementId: sent?.statementId ?? null, statementSha256: sent?.sha256 ?? null }
    await store.write(({ statements }) =>
      statements.endMail(mail.mailId, { state, at: isoTime(now), lastError: reason, ...what }),
    )
    const outcome = state === 'delivered' ? 'delivered' : 'given_up'
    deps.onOutcome({ mailId: mail.mailId, outcome, reason })
  }
  if (told.ok) return end('delivered', told.value.remark, told.value)
  const { reason, isFinal } = told.problem
  const isOld = now - Date.parse(mail.createdAt) >= GIVE_UP_AFTER_MS
  if (isFinal || isOld) return end('dropped', reason, null)
  const attempts = mail.attempts + 1
  const at = isoTime(now + pauseAfter(attempts, deps.dice()))
  await store.write(({ statements }) =>
    statements.postponeMail(mail.mailId, { at, attempts, error: reason }),
  )
  deps.onOutcome({ mailId: mail.mailId, outcome: 'failed', reason })
}

function pauseAfter(attempts: number, dice: number): number {
  const pause = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** Math.min(attempts - 1, 20))
  return Math.round(pause * (0.8 + 0.2 * dice))
}

type Sent = {
  readonly statementId: string | null
  readonly sha256: string | null
  readonly remark: string | null
}
/** `isFinal`: another try would come to the same. */
type Untold = { readonly reason: string; readonly isFinal: boolean }

async function tell(
  deps: StatementMailsDeps,
  mail: StoredStatementMail,
): Promise<Result<Sent, Untold>> {
  const { period, owner, receiver, mailId } = mail
  const account = accountOf(deps.sinks(), receiver)
  if (account === null) return failed('there is no sink of type email to send it with')
  const format = STATEMENT_FORMATS.find((each) => each === mail.format)
  assert(format, 'orders have a known format')
  try {
    if (!(await isInForce(deps, mail))) return givenUp('the period was opened again meanwhile')
    const file = await deps.statements.file(null, period, owner, format)
    if (!file.ok) {
      const reason = `${file.problem.code}: ${file.problem.detail}`
      return file.problem.code === 'statement_unknown' ? givenUp(reason) : failed(reason)
    }
    const { name, type, chunks, statement } = file.value
    const content = await collected(chunks, ATTACHMENT_BYTES_MAX)
    if (content === null) return givenUp('the file is too large for a mail')
    const refused = await deps.send(account.smtp, {
      mailId,
      to: account.to,
      subject: `Statement for ${periodWords(period)}: ${ownerWords(owner)}`,
      text: textOf(period, owner, statement),
      file: { name, type, content },
    })
    const remark = refused === 0 ? null : `${refused} of the addresses were refused`
    const { statement_id: statementId = null, sha256 = null } = statement ?? {}
    return ok({ statementId, sha256, remark })
  } catch (error) {
    return failed(faultWords(error))
  }
}

function failed(reason: string) {
  return err({ reason, isFinal: false })
}

function givenUp(reason: string) {
  return err({ reason, isFinal: true })
}

async function isInForce(
  { store }: StatementMailsDeps,
  { period, closing }: StoredStatementMail,
): Promise<boolean> {
  const closings = await store.read.periods.closings(period)
  return closings.some(({ number, reopenedAt }) => number === closing && reopenedAt === null)
}

/** A sink's own addresses by its own account; any other address by the first there is. */
function accountOf(
  sinks: readonly AlertSink[],
  receiver: string,
): { readonly smtp: SmtpServer; readonly to: readonly string[] } | null {
  const mailers = sinks.filter((sink) => sink.type === 'email')
  if (!receiver.includes('@')) return mailers.find(({ name }) => name === receiver) ?? null
  const [first] = mailers
  return first === undefined ? null : { smtp: first.smtp, to: [receiver] }
}

function textOf(
  period: string,
  owner: Owner | null,
  statement: {
    readonly statement_id: string
    readonly version: number
    readonly sha256: string
  } | null,
): string {
  const lines = [
    `The statement for ${periodWords(period)} is attached: ${ownerWords(owner)}.`,
    'The period is closed; what changes later is posted as an adjustment in a later statement.',
    ...(statement === null
      ? []
      : [
          '',
          `statement: ${statement.statement_id}, version ${statement.version}`,
          `sha-256: ${statement.sha256}`,
        ]),
  ]
  return `${lines.join('\n')}\n`
}
