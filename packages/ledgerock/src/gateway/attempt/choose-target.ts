// Which of the configured targets serves a call: those of its region in the order of the file, the first whose condition the
// call's dimensions meet. Pure.

export type TargetCondition = {
  readonly region: string
  /** Dimension values that must all hold; empty: any call. */
  readonly when: Readonly<Record<string, string>>
}

/** Null where no target serves this region for these dimensions. */
export function chooseTarget<Target extends TargetCondition>(
  targets: readonly Target[],
  region: string,
  dimensions: Readonly<Record<string, string>>,
): Target | null {
  for (const target of targets) {
    if (target.region === region && holds(target.when, dimensions)) return target
  }
  return null
}

/** True where every named dimension has the value asked for. */
export function holds(
  when: Readonly<Record<string, string>>,
  dimensions: Readonly<Record<string, string>>,
): boolean {
  for (const name in when) {
    if (dimensions[name] !== when[name]) return false
  }
  return true
}
