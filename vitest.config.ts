// Two projects: `unit` (pure, fast, in `npm run check`) and `system` (real stores, processes, clients, faults). Both run in
// `npm test`, one project after the other. A system test starts several processes and often waits for them: two files side by side keep
// two cores busy, more would only make them wait for each other.
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './tidy/summary-reporter.ts'

export default defineConfig({
  test: {
    reporters: ['default', new SummaryReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'tidy.test.ts'],
          exclude: ['**/*.system.test.ts', '**/node_modules/**'],
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'system',
          include: ['packages/*/{src,test}/**/*.system.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
