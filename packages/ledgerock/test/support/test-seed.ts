// The number a random test hangs on: drawn anew each run, shown in the test's title, and given back to replay a failure.

/** `LEDGEROCK_TEST_SEED`, or a fresh one. */
export function testSeed(): number {
  const given = Number(process.env['LEDGEROCK_TEST_SEED'])
  return Number.isInteger(given) && given > 0 ? given : 1 + (Date.now() % 0x7fff_ffff)
}
