// The command line as a whole: its commands, its flags, and how it refuses what it does not know.

import { Command } from 'commander'
import { addAccess } from './commands/access.ts'
import { addAlerts } from './commands/alerts.ts'
import { addBudgets } from './commands/budgets.ts'
import { addCall } from './commands/call.ts'
import { addCalls } from './commands/calls.ts'
import type { CommandContext } from './cli-deps.ts'
import { addConfig } from './commands/config-command.ts'
import { addDemo } from './commands/demo.ts'
import { addExport } from './commands/export.ts'
import { addGlobalOptions } from './global-options.ts'
import { addImport } from './commands/import.ts'
import { addImports } from './commands/imports.ts'
import { addKeys } from './commands/keys.ts'
import { addGuardrails, addLimits } from './commands/limits.ts'
import { addOwners } from './commands/owners.ts'
import { addPause, addResume } from './commands/pause.ts'
import { addPeriod } from './commands/period.ts'
import { addPolicy } from './commands/policy.ts'
import { addPools } from './commands/pools.ts'
import { addPrice } from './commands/price.ts'
import { addPrices } from './commands/prices.ts'
import { addPrincipals } from './commands/principals.ts'
import { addReconcile } from './commands/reconcile.ts'
import { addReport } from './commands/report.ts'
import { addSimulate } from './commands/simulate.ts'
import { addStatement } from './commands/statement.ts'
import { addTokens } from './commands/tokens.ts'
import { addUp } from './commands/up.ts'
import { addUsers } from './commands/users.ts'
import { addVerify } from './commands/verify.ts'

/** `writeHelp` takes what `--help` and `--version` print, `writeError` what is wrong with the command line. */
export function buildProgram(
  context: CommandContext,
  writeHelp: (text: string) => void,
  writeError: (text: string) => void,
): Command {
  const program = new Command('ledgerock')
    .description('Who spent what on Amazon Bedrock, and why.')
    .version(context.deps.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: writeHelp, writeErr: writeError })
    .exitOverride()
  addGlobalOptions(program)
  const adders = [
    addUp,
    addDemo,
    addSimulate,
    addReport,
    addCalls,
    addCall,
    addPrice,
    addPrices,
    addKeys,
    addImport,
    addImports,
    addPause,
    addResume,
    addAccess,
    addBudgets,
    addAlerts,
    addLimits,
    addGuardrails,
    addPolicy,
    addOwners,
    addReconcile,
    addPools,
    addStatement,
    addPeriod,
    addPrincipals,
    addUsers,
    addTokens,
    addExport,
    addVerify,
    addConfig,
  ]
  for (const add of adders) add(program, context)
  return program.addHelpText(
    'after',
    `
Data goes to stdout, messages to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration,
3 done and something was found (verify, reconcile).

Examples:
  $ ledgerock up
  $ ledgerock keys create --name search-prod --bind team=search
  $ ledgerock report --by team,model_id --from -7d`,
  )
}
