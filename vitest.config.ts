// Two projects: `unit` (pure, fast, in `npm run check`) and `system` (real stores, processes, clients, faults). Both run in
// `npm test`. The machine has two cores and a system test starts several processes, so system files run one after another.
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
        },
      },
      {
        test: {
          name: 'system',
          include: ['packages/*/{src,test}/**/*.system.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
