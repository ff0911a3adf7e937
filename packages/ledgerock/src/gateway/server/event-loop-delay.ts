// How late the event loop runs: a timer that should fire every 50 ms says by how much it did not. Coarser than Node's own
// histogram, but one number at a time, in order, which is what tells a long pause from a loop that is always late.

const EVERY_MS = 50

export type DelayWatch = { readonly stop: () => void }

export function watchEventLoop(
  monotonic: () => number,
  sample: (delayMs: number) => void,
): DelayWatch {
  let due = monotonic() + EVERY_MS
  const timer = setInterval(() => {
    const now = monotonic()
    sample(Math.max(0, now - due))
    due = now + EVERY_MS
  }, EVERY_MS)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
