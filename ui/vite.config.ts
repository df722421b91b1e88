/** Builds the UI into dist/ui, and in development serves it with requests passed on to a running server. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.MLTRACK_DEV_SERVER ?? 'http://127.0.0.1:5000';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../dist/ui',
    emptyOutDir: true,
    target: 'es2022',
    // Inlined files would be data: URLs, which a strict content security policy refuses.
    assetsInlineLimit: 0,
    // What the first page needs comes in one file, not in one for every set of pages that share a module.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } },
      // Of the client, which pages use a part of, only that part.
      treeshake: { moduleSideEffects: (id) => !/\/(client|api)\/[^?]*\.ts$/.test(id) },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/ajax-api', '/health', '/version'].map((path) => [path, { target: server, changeOrigin: true }]),
    ),
  },
});
