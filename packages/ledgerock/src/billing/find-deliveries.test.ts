import { describe, expect, it } from 'vitest'
import { findDeliveries, manifestsInForce } from './find-deliveries.ts'
import { readManifest } from './read-manifest.ts'
import { mustOk } from '../kernel/result.ts'

const files = (paths: readonly string[]) => paths.map((path) => ({ path, bytes: 9 }))
const manifest = (dataFiles: readonly string[]) =>
  mustOk(
    readManifest(JSON.stringify({ exportArn: 'arn:…', executionId: 'e', columns: [], dataFiles })),
  )

function found(paths: readonly string[], manifests: Readonly<Record<string, readonly string[]>>) {
  const all = files([...paths, ...Object.keys(manifests)])
  const read = manifestsInForce(all).map((path) => ({
    path,
    manifest: manifest(manifests[path] ?? []),
  }))
  return findDeliveries(all, read)
}

const DATA = 'cur/data/BILLING_PERIOD=2026-10'
const META = 'cur/metadata/BILLING_PERIOD=2026-10'

describe('findDeliveries', () => {
  it.each(['cur-Manifest.json', 'Manifest.json'])(
    '[BL6] takes what %s names, and nothing else',
    (name) => {
      const paths = [`${DATA}/cur-00001.snappy.parquet`, `${DATA}/cur-00002.snappy.parquet`]
      const { deliveries, problems } = found(paths, {
        [`${META}/${name}`]: [`s3://bucket/a/prefix/${paths[0] ?? ''}`],
      })
      expect(problems).toEqual([])
      expect(deliveries).toMatchObject([
        {
          exportName: 'cur',
          period: '2026-10',
          format: 'parquet',
          executionId: 'e',
          files: [{ path: paths[0] }],
        },
      ])
    },
  )

  it('[BL6] takes the latest execution where every one is laid down anew', () => {
    const [old, late] = ['20261004T0000Z-aa', '20261005T0000Z-bb'].map(
      (each) => `${DATA}/${each}/cur-00001.csv.gz`,
    )
    const named = {
      [`${META}/20261004T0000Z-aa/cur-Manifest.json`]: [old ?? ''],
      [`${META}/20261005T0000Z-bb/cur-Manifest.json`]: [late ?? ''],
    }
    expect(found([old ?? '', late ?? ''], named).deliveries).toMatchObject([
      { files: [{ path: late }] },
    ])
    // The one directly in the period describes the latest, whatever the others are called.
    const direct = { ...named, [`${META}/cur-Manifest.json`]: [old ?? ''] }
    expect(found([old ?? '', late ?? ''], direct).deliveries).toMatchObject([
      { files: [{ path: old }] },
    ])
  })

  it('[BL6] refuses what is half delivered: a file that is not there, a manifest that is not there yet', () => {
    const one = `${DATA}/cur-00001.csv.gz`
    const half = found([one], { [`${META}/Manifest.json`]: [one, `${DATA}/cur-00002.csv.gz`] })
    expect(half).toMatchObject({ deliveries: [], problems: [{ reason: 'half_delivered' }] })
    expect(found([one], {})).toMatchObject({
      deliveries: [],
      problems: [{ reason: 'half_delivered' }],
    })
    const next = 'cur/data/BILLING_PERIOD=2026-11/cur-00001.csv.gz'
    const both = found([one, next], { [`${META}/Manifest.json`]: [one] })
    expect(both).toMatchObject({
      deliveries: [{ period: '2026-10' }],
      problems: [{ reason: 'half_delivered', file: '2026-11' }],
    })
  })

  it('[BL6] takes loose files as they lie, and the legacy report by its folders', () => {
    expect(found(['a.csv', 'notes.txt'], {}).deliveries).toMatchObject([
      { period: null, format: 'csv' },
    ])
    const legacy = 'old/20261001-20261101/a1/old-1.csv.gz'
    const { deliveries } = found([legacy], {
      'old/20261001-20261101/old-Manifest.json': [`p/${legacy}`],
    })
    expect(deliveries).toMatchObject([{ period: '2026-10', exportName: 'old' }])
    expect(found(['x/a.csv', 'x/b.parquet'], {}).problems).toMatchObject([
      { reason: 'mixed_formats' },
    ])
  })

  it('[BL6] refuses a manifest that is none', () => {
    for (const text of ['', '{', '[]', '{"dataFiles":"x"}', '{"dataFiles":[1]}', 'null']) {
      expect(readManifest(text).ok).toBe(false)
    }
  })
})
