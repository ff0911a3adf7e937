import { describe, expect, it } from 'vitest'
import { ROLLUPS } from '../rollup.ts'
import { MIGRATIONS } from './migration.ts'
import { createDatabase, retentionStatements, type SchemaParameters } from './schema.ts'
import { laneSettings } from './settings.ts'

const embedded: SchemaParameters = { database: 'ledgerock', engine: { kind: 'embedded' } }
const cluster: SchemaParameters = {
  database: 'ledgerock',
  engine: { kind: 'server', replicated: true },
}
const statements = (schema: SchemaParameters) =>
  MIGRATIONS.flatMap((migration) => migration.statements(schema))

describe('schema', () => {
  it('[L20] the same tables for one machine and for a cluster, only the engine differs', () => {
    const plain = (text: string) =>
      text
        .replace(/ ON CLUSTER '\{cluster\}'/, '')
        .replace(/Replicated(\w*MergeTree)\('[^']*', '\{replica\}'\)/, '$1')
        .replace(/SETTINGS .*$/, '')
    const one = statements(embedded)
    const many = statements(cluster)
    expect(many.map(plain)).toEqual(one.map(plain))
    for (const statement of many) expect(statement).toContain("ON CLUSTER '{cluster}'")
    const tables = many.filter((statement) => /ENGINE = Replicated/.test(statement))
    // Calls, rollups, lines, words and versions of the bill, and outcomes.
    expect(tables).toHaveLength(1 + ROLLUPS.length + 4)
    for (const table of tables) {
      expect(table).toContain("('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')")
      expect(table).toContain('replicated_deduplication_window = 10000')
      expect(table).toContain('replicated_deduplication_window_seconds = 604800')
    }
    expect(createDatabase(cluster)).toContain("ON CLUSTER '{cluster}'")
    expect(laneSettings(cluster.engine, 'ship')).toMatchObject({ insert_quorum: 'auto' })
  })

  it('[L2] every book remembers its inserts and is on stable storage before it answers', () => {
    const tables = statements(embedded).filter((statement) =>
      /ENGINE = \w*MergeTree/.test(statement),
    )
    // Calls, rollups, lines, words and versions of the bill, and outcomes.
    expect(tables).toHaveLength(1 + ROLLUPS.length + 4)
    for (const table of tables) {
      expect(table).toContain('non_replicated_deduplication_window = 10000')
      expect(table).toContain('fsync_after_insert = 1')
      expect(table).toContain('fsync_part_directory = 1')
    }
    expect(laneSettings(embedded.engine, 'ship')).toMatchObject({
      async_insert: 0,
      deduplicate_blocks_in_dependent_materialized_views: 1,
    })
  })

  it('[L20] every statement can be repeated', () => {
    for (const statement of statements(embedded)) {
      expect(statement).toMatch(/IF NOT EXISTS|DROP COLUMN IF EXISTS/)
    }
  })

  it('[L19] rows are kept a day longer than asked, or for ever', () => {
    const some = retentionStatements(embedded, { callsDays: 400, rawUsageDays: 30 })
    expect(some.map(({ ttl }) => ttl)).toEqual([
      'toDateTime(started_at) + toIntervalDay(401)',
      'hour + toIntervalDay(401)',
      ...Array.from({ length: 4 }, () => 'day + toIntervalDay(401)'),
    ])
    const all = retentionStatements(embedded, { callsDays: null, rawUsageDays: null })
    expect(all.every(({ statement }) => statement.endsWith('REMOVE TTL'))).toBe(true)
  })
})
