// What a command's end means to a script. `found` is for commands that look for something and found it: not a failure.

export const EXIT = { done: 0, failed: 1, usage: 2, found: 3 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
