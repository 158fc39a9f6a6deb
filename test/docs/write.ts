import { readFileSync, writeFileSync } from 'node:fs';
import {
  deployingTables,
  environmentTables,
  noticeTables,
  profileTables,
  referenceTables,
  settingsSchemaText,
  withTables,
} from './tables.ts';

const ROOT = new URL('../../', import.meta.url);

for (const [path, tables] of [
  ['docs/reference.md', referenceTables()],
  ['docs/deploying.md', deployingTables()],
  ['docs/pipeline.md', profileTables()],
  ['docs/settings.md', environmentTables()],
  ['docs/notices.md', noticeTables()],
] as const) {
  const file = new URL(path, ROOT);
  writeFileSync(file, withTables(readFileSync(file, 'utf8'), tables));
}
writeFileSync(new URL('docs/settings.schema.json', ROOT), settingsSchemaText());
