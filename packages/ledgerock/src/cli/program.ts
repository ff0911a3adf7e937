// The command line as a whole: its commands, its flags, and how it refuses what it does not know.

import { Command } from 'commander'
import { addAccess } from './access.ts'
import { addAlerts } from './alerts.ts'
import { addBudgets } from './budgets.ts'
import { addCall } from './call.ts'
import { addCalls } from './calls.ts'
import type { CommandContext } from './cli-deps.ts'
import { addConfig } from './config-command.ts'
import { addDemo } from './demo.ts'
import { addExport } from './export.ts'
import { addGlobalOptions } from './global-options.ts'
import { addImport } from './import.ts'
import { addImports } from './imports.ts'
import { addKeys } from './keys.ts'
import { addGuardrails, addLimits } from './limits.ts'
import { addOwners } from './owners.ts'
import { addPause, addResume } from './pause.ts'
import { addPeriod } from './period.ts'
import { addPolicy } from './policy.ts'
import { addPools } from './pools.ts'
import { addPrice } from './price.ts'
import { addPrices } from './prices.ts'
import { addPrincipals } from './principals.ts'
import { addReconcile } from './reconcile.ts'
import { addReport } from './report.ts'
import { addSimulate } from './simulate.ts'
import { addStatement } from './statement.ts'
import { addTokens } from './tokens.ts'
import { addUp } from './up.ts'
import { addUsers } from './users.ts'
import { addVerify } from './verify.ts'

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
