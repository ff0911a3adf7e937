// Programmer mistakes stop the operation at once, in production too. Expected refusals are returned data, not assertions.

export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

export function assert(condition: unknown, message: string): asserts condition {
  if (condition === false || condition === null || condition === undefined) {
    throw new AssertionError(message)
  }
}

/** Ends a switch over a closed union: adding a member without a branch does not compile. */
export function exhaustive(value: never): never {
  throw new AssertionError(`unhandled case: ${JSON.stringify(value)}`)
}
