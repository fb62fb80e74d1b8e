/** Building and developing the web app. */
import { fileURLToPath } from 'node:url'
import optimizeLocales from '@react-aria/optimize-locales-plugin'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { contractRoutes } from './contract-routes.ts'
import { localeCatalogues } from './locale-catalogues.ts'

const server = process.env['LITFASS_DEV_SERVER'] ?? 'http://127.0.0.1:3000'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [
    contractRoutes(),
    localeCatalogues(),
    { ...optimizeLocales.vite({ locales: ['en-US', 'de-DE'] }), enforce: 'pre' },
    tailwindcss(),
    react(),
  ],
  resolve: {
    alias: [
      { find: /^#contract\//, replacement: fileURLToPath(new URL('../src/contract/', import.meta.url)) },
    ],
  },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // The server's policy allows images from `data:`, but a file can be cached and named.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    manifest: 'manifest.json',
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: Object.fromEntries(['/api', '/_sandbox', '/media'].map((path) => [path, { target: server }])),
  },
})
