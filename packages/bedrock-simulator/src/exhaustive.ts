// Ends a switch over a closed union: adding a member without a branch does not compile.

export function exhaustive(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`)
}
