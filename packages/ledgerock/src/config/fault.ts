// One thing that is wrong with the configuration, at its place. A load reports every fault at once; values that came from the
// environment are never part of a fault.

export type ConfigFault = {
  /** `gateway.limits.body_bytes`, `keys[0].name`; for flags and variables their own name; '' is the file as a whole. */
  readonly path: string
  readonly message: string
  /** The file, or null where the fault lies in a flag or the environment. */
  readonly file: string | null
  /** From 1; null outside a file. */
  readonly line: number | null
  readonly column: number | null
}

/** `ledgerock.yaml:3:9 gateway.port: must be …`, the way compilers say it, so that editors can jump there. */
export function faultText(fault: ConfigFault): string {
  const place =
    fault.file === null
      ? ''
      : `${fault.file}${fault.line === null ? '' : `:${fault.line}:${fault.column ?? 1}`} `
  return `${place}${fault.path === '' ? '' : `${fault.path}: `}${fault.message}`
}
