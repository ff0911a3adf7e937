import { expect, it } from 'vitest'
import { compileBudgets } from '../../governance/budget/budget-rules.ts'
import type { RuleScope } from '../../governance/rule-scope.ts'
import { sampleBudget } from '../../governance/testing/sample-budget.ts'
import { toAskForBudget } from './how-to-ask.ts'

const CALL = {
  dimensions: { team: 'search', user_id: "ann o'neil", environment: 'prod' },
  keyName: 'ci-1',
  modelRequested: 'amazon.nova-lite-v1:0',
  modelId: 'amazon.nova-lite-v1:0',
}

function told(scope: RuleScope, per: string | null): string {
  const budget = sampleBudget({ name: 'all', mode: 'hard', scope, per })
  const [covering] = compileBudgets([budget]).covering(CALL, Date.parse('2026-10-14'))
  if (covering === undefined) throw new Error('not covered')
  return toAskForBudget(covering, 'https://ledgerock.test')
}

it('[Y40] a team’s budget, or its counter, is asked for by its lead', () => {
  const command = 'ledgerock budgets request all --amount … --until … --reason …'
  expect(told({ team: ['search'] }, null)).toBe(
    `To ask for more, as a lead of team=search or an admin: ${command}, or at https://ledgerock.test/#ask=budget&name=all&unit=usd`,
  )
  expect(told({}, 'team')).toContain('as a lead of team=search or an admin: ')
  expect(told({}, 'team')).toContain(' --counter search --amount')
})

it('[Y40] one user’s counter is for the team’s lead where the budget is the team’s, else for an admin', () => {
  expect(told({ team: ['search'] }, 'user_id')).toContain('as a lead of team=search or an admin: ')
  expect(told({}, 'user_id')).toContain(`as an admin: ledgerock budgets request all --counter 'ann`)
  expect(told({}, 'user_id')).toMatch(/\/#ask=budget&name=all&unit=usd&counter=ann\+o%27neil$/)
})

it('[Y40] what is for everybody, or for a key or model alone, is for an admin', () => {
  for (const scope of [{}, { key_name: ['ci-*'] }, { model: ['amazon.nova-*'] }]) {
    expect(told(scope, null)).toContain('as an admin: ')
  }
})

it('[Y40] a scope of several parts names them all', () => {
  const scope = { team: ['search', 'ads'], environment: ['prod'] }
  expect(told(scope, null)).toContain('as a lead of team=search,ads environment=prod or an admin: ')
})
