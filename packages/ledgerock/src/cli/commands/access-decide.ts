// `ledgerock access approve`, `deny` and `withdraw`: what becomes of a request.

import type { Command } from 'commander'
import { printOne } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { noteMissing } from '../note-missing.ts'
import { visible } from '../table.ts'
import { withApi } from '../with-api.ts'

type Request = { readonly model: string; readonly until: string }

const ID = ['<id>', 'as the list shows it'] as const

export function addAccessDecisions(access: Command, context: CommandContext): void {
  addApprove(access, context)
  addDeny(access, context)
  addWithdraw(access, context)
}

function addApprove(access: Command, context: CommandContext): void {
  const command = access
    .command('approve')
    .description('open the model until the day that was asked for; not by whoever asked')
    .argument(...ID)
    .requiredOption('--reason <text>', 'why; kept in the audit trail')
    .action((id: string, { reason }: { readonly reason: string }) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', `${routeOf(id)}/approve`, { reason })
        await printOne(context.io, format, answer, () => {
          const { model, until } = answer.json as Request
          return `${visible(id)} is approved: ${visible(model)} is open until ${until}.\n`
        })
        noteMissing(context, answer.json)
      }),
    )
  addExamples(command, 'access approve 4fT0cU2kQx7Z --reason "for the trial"')
}

function addDeny(access: Command, context: CommandContext): void {
  const command = access
    .command('deny')
    .description('say no to a request')
    .argument(...ID)
    .requiredOption('--reason <text>', 'why; kept in the audit trail')
    .action((id: string, { reason }: { readonly reason: string }) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', `${routeOf(id)}/deny`, { reason })
        await printOne(context.io, format, answer, () => `${visible(id)} is denied.\n`)
      }),
    )
  addExamples(command, 'access deny 4fT0cU2kQx7Z --reason "use the smaller model"')
}

function addWithdraw(access: Command, context: CommandContext): void {
  const command = access
    .command('withdraw')
    .description('take a request back, also an approved one: by whoever asked, or an admin')
    .argument(...ID)
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((id: string, options: { readonly reason?: string }) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('DELETE', routeOf(id), { ...options })
        await printOne(context.io, format, answer, () => `${visible(id)} is withdrawn.\n`)
        noteMissing(context, answer.json)
      }),
    )
  addExamples(command, 'access withdraw 4fT0cU2kQx7Z')
}

function routeOf(id: string): string {
  return `access/requests/${encodeURIComponent(id)}`
}
