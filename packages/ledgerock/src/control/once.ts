// Work that is asked for from several sides, and done once at a time: who asks while it runs gets the same run.

export function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  return () => {
    running ??= work().finally(() => {
      running = null
    })
    return running
  }
}
