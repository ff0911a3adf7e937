// From the names of the files in a place to its deliveries, one for each export and billing period: the newest that is complete.
//
//   overwrite    <name>/data/BILLING_PERIOD=2026-10/<name>-00001.snappy.parquet
//                <name>/metadata/BILLING_PERIOD=2026-10/<name>-Manifest.json, or Manifest.json
//   create new   <name>/data/BILLING_PERIOD=2026-10/<time>-<execution>/<name>-00001.csv.gz
//                <name>/metadata/BILLING_PERIOD=2026-10/[<time>-<execution>/]<name>-Manifest.json
//   legacy       <name>/20261001-20261101/[<assembly>/]<name>-1.csv.gz and <name>-Manifest.json
//
// The manifest directly in the period describes the latest execution. A file that no manifest names is no delivery where manifests
// are; files without any manifest are taken as they lie.

import type { Manifest } from './read-manifest.ts'
import type { PlacedFile } from './bill-place.ts'
import type { BillFormat } from './staged-bill.ts'

export type BillDelivery = {
  readonly exportName: string
  readonly executionId: string
  /** Null: as the lines say. */
  readonly period: string | null
  readonly format: BillFormat
  readonly files: readonly PlacedFile[]
}

export type DeliveryProblem = {
  readonly file: string
  readonly reason: 'manifest' | 'half_delivered' | 'mixed_formats' | 'no_files'
  readonly detail: string
}

export type FoundDeliveries = {
  readonly deliveries: readonly BillDelivery[]
  readonly problems: readonly DeliveryProblem[]
}

const MANIFEST = /(^|[-/])Manifest\.json$/i
const DATA = /\.(parquet|csv|csv\.gz|zip)$/i
const PERIOD_FOLDER = /(?:^|\/)BILLING_PERIOD=(\d{4}-\d\d)(?=\/)/
const LEGACY_FOLDER = /(?:^|\/)(\d{4})(\d\d)01-\d{8}(?=\/)/

export function isManifest(path: string): boolean {
  return MANIFEST.test(path)
}

/** Of a place's manifests, those that describe a period's latest execution: the ones that lie least deep in it. */
export function manifestsInForce(files: readonly PlacedFile[]): readonly string[] {
  const byPeriod = new Map<string, string[]>()
  for (const { path } of files) {
    if (!isManifest(path)) continue
    const key = periodFolder(path)
    byPeriod.set(key, [...(byPeriod.get(key) ?? []), path])
  }
  return [...byPeriod.values()].map(newest).toSorted()
}

/** Up to and with the folder of the period. */
function periodFolder(path: string): string {
  const found = PERIOD_FOLDER.exec(path) ?? LEGACY_FOLDER.exec(path)
  return found === null ? path.replace(/[^/]*$/, '') : path.slice(0, found.index + found[0].length)
}

/** Executions are named by their time first, so the last in order is the newest. */
function newest(paths: readonly string[]): string {
  const depth = (path: string): number => path.split('/').length
  const least = Math.min(...paths.map(depth))
  return paths
    .filter((path) => depth(path) === least)
    .toSorted()
    .at(-1) as string
}

export function findDeliveries(
  files: readonly PlacedFile[],
  manifests: readonly { readonly path: string; readonly manifest: Manifest }[],
): FoundDeliveries {
  const deliveries: BillDelivery[] = []
  const problems: DeliveryProblem[] = []
  const take = (found: BillDelivery | DeliveryProblem): void => {
    if ('reason' in found) problems.push(found)
    else deliveries.push(found)
  }
  for (const { path, manifest } of manifests) take(ofManifest(files, path, manifest))
  const covered = new Set(manifests.map(({ path }) => periodOfPath(path)))
  const waiting = awaitingManifest(files).filter((period) => !covered.has(period))
  for (const period of waiting) {
    const detail = `data of ${period} and no manifest: AWS writes it when all data is there`
    problems.push({ file: period, reason: 'half_delivered', detail })
  }
  if (manifests.length === 0 && waiting.length === 0) {
    for (const found of withoutManifest(files)) take(found)
  }
  return { deliveries, problems }
}

function ofManifest(
  files: readonly PlacedFile[],
  path: string,
  manifest: Manifest,
): BillDelivery | DeliveryProblem {
  if (manifest.files.length === 0) {
    return { file: path, reason: 'no_files', detail: 'the manifest names no data file' }
  }
  const found = manifest.files.map((name) => [name, fileNamed(files, name)] as const)
  const absent = found.filter(([, file]) => file === undefined).map(([name]) => name)
  if (absent.length > 0) {
    const others = absent.length === 1 ? '' : ` and ${absent.length - 1} more`
    const detail = `the manifest names ${absent[0] ?? ''}${others}, not there`
    return { file: path, reason: 'half_delivered', detail }
  }
  const own = found.flatMap(([, file]) => (file === undefined ? [] : [file]))
  const [name = ''] = /[^/]*$/.exec(path) ?? []
  return deliveryOf(path, own, {
    exportName: manifest.exportName || name.replace(/-?Manifest\.json$/i, '') || exportFolder(path),
    executionId: manifest.executionId,
    period: periodOfPath(path) ?? manifest.period,
  })
}

/** The periods of files that lie as AWS delivers them, where a manifest is to be expected. */
function awaitingManifest(files: readonly PlacedFile[]): readonly string[] {
  const periods = files.flatMap(({ path }) => {
    const isDelivered = /(^|\/)data\/BILLING_PERIOD=/.test(path) || LEGACY_FOLDER.test(path)
    const period = isDelivered && DATA.test(path) ? periodOfPath(path) : null
    return period === null ? [] : [period]
  })
  return [...new Set(periods)].toSorted()
}

/** A manifest says a whole address or key; the place may be a part of that tree, so the longest common end counts. */
function fileNamed(files: readonly PlacedFile[], name: string): PlacedFile | undefined {
  const key = name.replace(/^s3:\/\/[^/]+\//, '').replace(/^\/+/, '')
  const ends = files.filter(({ path }) => key === path || key.endsWith(`/${path}`))
  const inside = files.filter(({ path }) => path.endsWith(`/${key}`))
  return [...ends, ...inside].toSorted((one, two) => two.path.length - one.path.length)[0]
}

/** Deliveries as they lie: one for each folder, the newest of those under one period. */
function withoutManifest(
  files: readonly PlacedFile[],
): readonly (BillDelivery | DeliveryProblem)[] {
  const byFolder = new Map<string, PlacedFile[]>()
  for (const file of files) {
    if (!DATA.test(file.path)) continue
    const folder = file.path.replace(/[^/]*$/, '')
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), file])
  }
  const latest = new Map(
    [...byFolder.keys()].toSorted().map((folder) => [periodFolder(`${folder}x`), folder]),
  )
  return [...latest.values()].map((folder) => {
    const own = byFolder.get(folder) ?? []
    const exportName = (own[0]?.path ?? '').replace(/^.*\//, '').replace(/-?\d*\..*$/, '')
    return deliveryOf(folder, own, { exportName, executionId: '', period: periodOfPath(folder) })
  })
}

function deliveryOf(
  path: string,
  files: readonly PlacedFile[],
  said: Pick<BillDelivery, 'exportName' | 'executionId' | 'period'>,
): BillDelivery | DeliveryProblem {
  const formats = new Set(files.map((file) => formatOf(file.path)))
  const [format] = formats
  if (formats.size > 1) {
    return { file: path, reason: 'mixed_formats', detail: 'Parquet and CSV in one delivery' }
  }
  if (format === undefined) return { file: path, reason: 'no_files', detail: 'no data files' }
  return { ...said, format, files: files.toSorted((one, two) => (one.path < two.path ? -1 : 1)) }
}

function formatOf(path: string): BillFormat {
  return /\.parquet$/i.test(path) ? 'parquet' : 'csv'
}

function periodOfPath(path: string): string | null {
  const [, period] = PERIOD_FOLDER.exec(path) ?? []
  if (period !== undefined) return period
  const [, year, month] = LEGACY_FOLDER.exec(path) ?? []
  return year === undefined ? null : `${year}-${month}`
}

function exportFolder(path: string): string {
  return /([^/]+)\/metadata\//.exec(path)?.[1] ?? ''
}
