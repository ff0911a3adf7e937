// Single facts about this store, by name: the check value of the master key it was made under, what each budget is counted in, and what
// the file of each node last said of the policy.

import type { Kysely, Transaction } from 'kysely'
import type { ControlDatabase } from './schema.ts'

export const SETTING_NAMES = ['master_key_check', 'budget_units'] as const
export type SettingName = (typeof SETTING_NAMES)[number] | `declared_by:${string}`

export type SettingReads = { readonly get: (name: SettingName) => Promise<string | null> }
export type SettingWrites = SettingReads & {
  readonly set: (name: SettingName, value: string) => Promise<void>
}

export function settingReads(database: Kysely<ControlDatabase>): SettingReads {
  return {
    async get(name) {
      const row = await database
        .selectFrom('settings')
        .select('value')
        .where('name', '=', name)
        .executeTakeFirst()
      return row?.value ?? null
    },
  }
}

export function settingWrites(transaction: Transaction<ControlDatabase>): SettingWrites {
  return {
    ...settingReads(transaction),
    async set(name, value) {
      await transaction
        .insertInto('settings')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute()
    },
  }
}
