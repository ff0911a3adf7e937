// When a configuration is read again, and what is said of it. The watched directory may hold the very log in which a fault is written, so
// a fault is written once: else an invalid file would feed itself. A file that is the same, and was taken, is not read a second time.

export type ConfigReloaderDeps<Wanted> = {
  /** The file's bytes as text; null: there is none, or it cannot be read. */
  readonly readFile: () => string | null
  readonly load: () => { readonly faults: readonly string[] } | { readonly wanted: Wanted }
  /** Faults that keep it from being in force. */
  readonly apply: (wanted: Wanted) => Promise<readonly string[]>
  readonly onFault: (fault: string) => void
}

export type ConfigReloader = {
  /** Something in the directory changed. */
  readonly changed: () => Promise<void>
  /** Somebody asks for it: read whatever was read before. */
  readonly asked: () => Promise<void>
}

export function createConfigReloader<Wanted>(deps: ConfigReloaderDeps<Wanted>): ConfigReloader {
  let taken = deps.readFile()
  let told = ''

  async function faultsNow(): Promise<readonly string[]> {
    const loaded = deps.load()
    return 'faults' in loaded ? loaded.faults : deps.apply(loaded.wanted)
  }

  async function reload(text: string | null): Promise<void> {
    const faults = await faultsNow()
    taken = faults.length === 0 ? text : null
    const isTold = faults.join('\n') === told
    told = faults.join('\n')
    if (!isTold) for (const fault of faults) deps.onFault(fault)
  }

  return {
    async changed() {
      const text = deps.readFile()
      // While it is not in force what it leads to may be mended beside it, so that is looked at again.
      if (text === null || text !== taken) await reload(text)
    },
    asked() {
      told = ''
      return reload(deps.readFile())
    },
  }
}
