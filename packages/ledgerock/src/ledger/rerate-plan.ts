// What re-rating asks of a store and tells it, as plain data. Calls that are priced by the same rates form a group; the store
// finds the groups, prices are asked once for each, and the store does the arithmetic for every call.

import type { RepriceFacts, Repriced } from '../pricing/reprice-facts.ts'

/** Calls of one month in force before re-rating began, and the borders at which their rates may change. */
export type RerateSlice = {
  readonly fromMs: number
  readonly toMs: number
  /** Only calls that had arrived before. */
  readonly arrivedBeforeMs: number
  readonly contextBorders: readonly number[]
  readonly timeBorders: readonly number[]
}

/** The calls of one group that one team made. */
export type RerateGroup = {
  /** Names the group: the same in every slice of one re-rating. */
  readonly key: string
  readonly team: string
  readonly calls: number
  readonly hasCost: boolean
  readonly beforeUsd: string
  /** What all of them used, exactly: whole numbers as text. */
  readonly used: Readonly<Record<string, string>>
  /** One of the calls: all others are priced by the same rates. */
  readonly facts: RepriceFacts
}

/** Calls of the group get these rates. */
export type RerateOrder = { readonly key: string; readonly to: Repriced; readonly moves: boolean }

export type StagedRerate = {
  readonly slice: RerateSlice
  readonly rerateId: string
  readonly bookVersion: string
  readonly orders: readonly RerateOrder[]
}

/** Costs of teams whose rates are finer than a picodollar per unit, where rounding is for each call apart. */
export type TeamCost = { readonly team: string; readonly usd: string }

export type RerateStore = {
  /** Rows that arrive from now on are not older than this. */
  readonly arrivedBefore: () => Promise<number>
  readonly groups: (slice: RerateSlice) => Promise<readonly RerateGroup[]>
  readonly costs: (staged: StagedRerate) => Promise<readonly TeamCost[]>
  /** Prepares a month beside the books; nothing of it is seen. Begins with nothing, whatever was there. */
  readonly stage: (staged: StagedRerate, isFirst: boolean) => Promise<void>
  /** A month that was staged becomes part of the books. Where a try may have been cut short, what it did is looked up and mended. */
  readonly enter: (month: number, rerateId: string, again: boolean) => Promise<void>
  readonly discard: () => Promise<void>
}
