// `ledgerock prices withdraw`: takes back what was imported or accepted. It prices no call any more and stays known, so that calls
// it priced stay explained.

import type { Command } from 'commander'
import { printOne } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { noteMissing } from '../note-missing.ts'
import { visible } from '../table.ts'
import { withApi } from '../with-api.ts'

type Withdrawn = { readonly document_id: string; readonly book_version: string }

const MONTH = /^\d{4}-\d{2}$/

export function addPricesWithdraw(prices: Command, context: CommandContext): void {
  const command = prices
    .command('withdraw')
    .description('take back an imported document, or the accepted rates of a month')
    .argument('<document-or-period>', 'the id that "prices book" shows, or a month: 2026-10')
    .requiredOption('--reason <text>', 'why; kept in the audit trail')
    .action((what: string, { reason }: { readonly reason: string }) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('DELETE', routeOf(what), { reason })
        await printOne(context.io, format, answer, () => said(what, answer.json as Withdrawn))
        noteMissing(context, answer.json)
      }),
    )
  addExamples(
    command,
    'prices withdraw d4kTz0Qm2Xa --reason "a list of the wrong account"',
    'prices withdraw 2026-10 --reason "the bill was not final"',
  )
}

/** A document's id begins with a letter, so the two cannot be mixed up. */
function routeOf(what: string): string {
  const folder = MONTH.test(what) ? 'learned' : 'documents'
  return `prices/${folder}/${encodeURIComponent(what)}`
}

function said(what: string, { document_id: id, book_version: version }: Withdrawn): string {
  const name = MONTH.test(what) ? `What was learned of ${what} (${visible(id)})` : visible(id)
  return (
    `${name} is withdrawn; price book ${visible(version)} is in force.\n` +
    'Calls already made keep their price until "ledgerock prices rerate".\n'
  )
}
