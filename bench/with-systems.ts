// The systems of one bench: whatever was started is stopped again, the last one first, however the bench ends.

type Stoppable = { readonly stop: () => Promise<void> }

export async function withSystems<Answer>(
  use: (keep: <System extends Stoppable>(system: System) => System) => Promise<Answer>,
): Promise<Answer> {
  const started: Stoppable[] = []
  try {
    return await use((system) => {
      started.unshift(system)
      return system
    })
  } finally {
    for (const system of started) await system.stop()
  }
}
