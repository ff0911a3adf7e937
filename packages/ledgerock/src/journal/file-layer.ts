// The few things the journal does with files. `platform/node-files.ts` does them for real, and `testing/forgetful-files.ts`
// does them in a memory that forgets unsynced bytes, so that every promise about power loss and bad disks is a test.
// Failures are errors with the operating system's `code` (`EIO`, `ENOSPC`, `ENOENT`).

export type OpenFile = {
  /** Writes all of it at `position` or throws; the bytes are then the kernel's, and survive the death of this process. */
  readonly writeAt: (bytes: Uint8Array, offset: number, length: number, position: number) => void
  /** Reads up to `length` bytes; 0 at the end of the file. */
  readonly readAt: (into: Uint8Array, offset: number, length: number, position: number) => number
  /** fdatasync. What was written before the call survives power loss once `done(null)` is called. */
  readonly dataSync: (done: (error: Error | null) => void) => void
  readonly sizeBytes: () => number
  readonly close: () => void
}

export type FileLayer = {
  /** A new zero-filled file, itself (not yet its directory entry) on stable storage when this resolves. */
  readonly create: (path: string, sizeBytes: number) => Promise<OpenFile>
  readonly openToRead: (path: string) => OpenFile
  /** A small file as a whole, synced; replaces one of that name without being atomic: write beside it, then `rename`. */
  readonly writeWhole: (path: string, bytes: Uint8Array) => Promise<void>
  /** Null where there is no such file. */
  readonly readWhole: (path: string) => Promise<Uint8Array | null>
  /** With its parents, and all their names on stable storage; one that exists already is fine. */
  readonly makeDirectory: (path: string) => Promise<void>
  /** Sorted names; none where there is no such directory. */
  readonly list: (path: string) => Promise<readonly string[]>
  readonly rename: (from: string, to: string) => Promise<void>
  /** Removes a file; one that is not there is fine. */
  readonly remove: (path: string) => Promise<void>
  readonly removeTree: (path: string) => Promise<void>
  /** Makes the names in a directory survive power loss. */
  readonly syncDirectory: (path: string) => Promise<void>
}
