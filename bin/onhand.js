#!/usr/bin/env node
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(built)) {
  console.error('Onhand is not built yet. Run "npm run build" in its folder, then try again.');
  process.exit(1);
}
await import(built.href);
