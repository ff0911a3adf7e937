// The file's data before it is known to have any shape: checks of several keys look at it beside the schema, so that their faults
// are reported together. What has another shape than expected looks empty here, and is the schema's fault to report.

export type Path = readonly (string | number)[]

export type PathFault = {
  readonly path: Path
  readonly message: string
}

export type Tree = Readonly<Record<string, unknown>>

export function tree(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {}
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function strings(value: unknown): readonly string[] {
  return list(value).filter((item) => typeof item === 'string')
}

export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** Whether a key says something: one that is null is as good as left out. */
export function isWritten(value: unknown): boolean {
  return value !== undefined && value !== null
}
