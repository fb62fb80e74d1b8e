import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Processes without isolation: isolation, not the runner, is what costs time (about 11 times, measured). Threads would
// share one V8, which crashed where two of them had databases in WebAssembly come and go (Node 24.21.0, 2026-11-24).
// Every test therefore brings its own schema, folder and port, and leaves no global behind.
export default defineConfig({
  // The web app is a package of its own and knows the contract by this name through Vite only.
  resolve: {
    alias: [{ find: /^#contract\//, replacement: fileURLToPath(new URL('src/contract/', import.meta.url)) }],
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/src/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
