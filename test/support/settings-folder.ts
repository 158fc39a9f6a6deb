import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/**
 * Writes settings files into a new folder, which is deleted when the tests of the file are done.
 *
 * @param files by their names; text is written unchanged
 * @returns the variable that names the folder
 */
export function settingsFolder(files: Readonly<Record<string, object | string>>): {
  readonly STATE_MANAGER_SETTINGS: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'state-manager-settings-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return { STATE_MANAGER_SETTINGS: folder };
}
