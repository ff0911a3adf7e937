// Statements of the control plane, put together.

import { sendStatementMail } from '../../control/statements/send-statement-mail.ts'
import {
  createStatementMails,
  type StatementMails,
} from '../../control/statements/statement-mails.ts'
import type { StatementSource } from '../../control/statements/statement-source.ts'
import {
  createStatementService,
  type StatementService,
} from '../../control/statements/statements.ts'
import type { ControlStore } from '../../control/store/control-store.ts'
import { systemClock } from '../../platform/clock.ts'
import type { ControlPlaneDeps } from './control-plane-deps.ts'

export type StatementServices = {
  readonly statements: StatementService
  /** For the API, which lists them. */
  readonly statementMails: ControlStore['read']['statements']
  /** Sends them. */
  readonly mailing: StatementMails
}

export function statementServices(
  { config, logger }: Pick<ControlPlaneDeps, 'config' | 'logger'>,
  store: ControlStore,
  source: StatementSource,
): StatementServices {
  const statements = createStatementService({ store, source })
  const mailing = createStatementMails({
    store,
    statements,
    orders: () => config().billing.statements,
    sinks: () => config().alerts.sinks,
    send: sendStatementMail,
    clock: systemClock,
    dice: Math.random,
    onOutcome: ({ mailId, outcome, reason }) => {
      const level = outcome === 'delivered' ? 'info' : 'warn'
      logger[level]({ mail_id: mailId, outcome, reason }, 'statement_mailed')
    },
  })
  return { statements, statementMails: store.read.statements, mailing }
}
