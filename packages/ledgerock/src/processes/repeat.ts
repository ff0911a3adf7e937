// Work that is done again and again. A round that takes long is not overtaken by the next.

/** Ends with the timer it answers. */
export function repeat(
  work: () => Promise<unknown>,
  everyMs: number,
  onError: (error: unknown) => void,
): NodeJS.Timeout {
  let isAtWork = false
  return setInterval(() => {
    if (isAtWork) return
    isAtWork = true
    work()
      .catch(onError)
      .finally(() => {
        isAtWork = false
      })
  }, everyMs)
}
