// Where deliveries lie: a folder, or a bucket. The few things an import needs of it, so that finding and checking deliveries does not
// know which it is.

export type PlacedFile = {
  /** From the place's root, with `/`. */
  readonly path: string
  readonly bytes: number
  /** Another text when the file is another one, as far as the place can tell without reading it. */
  readonly mark?: string
}

export type BillPlace = {
  /** As a person would name it. */
  readonly name: string
  readonly list: () => Promise<readonly PlacedFile[]>
  readonly readText: (path: string) => Promise<string>
  /** A path on this machine with the file's bytes: the file itself, or a copy made under `into`. */
  readonly bring: (path: string, into: string) => Promise<string>
}
