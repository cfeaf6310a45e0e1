/** How the page is built, served while developing, and tested. Nothing in the result asks an outside server. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const hub = process.env.PROBE_CONSOLE_URL ?? 'http://127.0.0.1:8600';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'chrome109', // the last browser of Windows 7, still met in small centres
    chunkSizeWarningLimit: 900,
    assetsInlineLimit: 0, // no data: addresses, so a strict Content-Security-Policy holds
  },
  worker: { format: 'es' },
  server: { host: '127.0.0.1', port: 8610, proxy: { '/api': { target: hub, changeOrigin: false } } },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    css: false,
  },
});
