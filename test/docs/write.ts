import { readFileSync, writeFileSync } from 'node:fs';
import { readmeTables, withTables } from './tables.ts';

const README = new URL('../../README.md', import.meta.url);

writeFileSync(README, withTables(readFileSync(README, 'utf8'), readmeTables()));
