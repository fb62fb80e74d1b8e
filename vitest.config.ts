import { defineConfig } from 'vitest/config'

// Threads without isolation: isolation, not the runner, is what costs time (about 11 times, measured).
// Every test therefore brings its own schema, folder and port, and leaves no global behind.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/src/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
