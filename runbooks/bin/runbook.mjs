#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { freshBundle } from './bundle.mjs';

// The fastest way to start a runbook, with any Node: `runbooks/bin/runbook.mjs stats` is `npx tsx runbooks/run.ts stats`.
const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'runbooks');

// Node 22 and later keep compiled code.
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function')
  module.enableCompileCache(cache);
const entry = await freshBundle(root, cache);
process.argv[1] = entry;
await import(pathToFileURL(entry).href);
