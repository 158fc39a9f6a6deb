import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { bundleFile } from '../../infra/bundle.ts';
import type { LocalFolders } from '../../infra/local/functions.ts';
import type { FunctionName } from '../../shared/aws/deployment-names.ts';

/** A handler as it is deployed; its bundle starts in a fifth of the time that the sources take. */
export function bundledHandler(name: FunctionName): string {
  return bundleFile(inject('bundleFolder'), name);
}

/** The folders of a test's local system: the bundles of all tests, and new logs. */
export function localFolders(logs = mkdtempSync(join(tmpdir(), 'state-manager-'))): LocalFolders {
  return { bundles: inject('bundleFolder'), logs, notices: join(logs, 'notices.ndjson') };
}
