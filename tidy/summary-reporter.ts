// The last line of a test run, for machines that read only that: `N passed, N failed`, with `, N skipped` where any were.

import type { Reporter, TestModule } from 'vitest/node'

export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules) {
      let tests = 0
      for (const test of module.children.allTests()) {
        counts[test.result().state] += 1
        tests += 1
      }
      // A file that could not even be loaded is a failure that no test stands for.
      if (tests === 0 || module.errors().length > 0) counts.failed += 1
    }
    const skipped = counts.skipped + counts.pending
    const more = skipped === 0 ? '' : `, ${skipped} skipped`
    process.on('exit', () => {
      process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${more}\n`)
    })
  }
}
