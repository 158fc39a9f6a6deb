import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { runRunbook } from '../support/runbook.ts';

let aws: LocalAws;
beforeAll(async () => {
  aws = await localAws();
});

const ID = '20261123T052253532Z-1a2b3c4d';
const CLASS = 'java-heap-space-1-0a1b2c';
const APPLY = '--apply --yes --reason test';

test.each([
  ['stats', '--senders --durations', '--durations: received true, allowed: not together with --senders'],
  ['failures', `--class ${CLASS} --limit 5`, '--limit: received 5, allowed: only without --class'],
  ['failures', `--class ${CLASS} --all`, '--all: received true, allowed: only without --class'],
  ['changes', `${ID} --from today`, '--from: received "today", allowed: only without the id of a change'],
  ['changes', `${ID} --to today`, '--to: received "today", allowed: only without the id of a change'],
  [
    'changes',
    `${ID} --audit --close`,
    '--audit: received true, allowed: not together with --resume or --close',
  ],
  ['changes', `${ID} ${APPLY}`, '--apply: received true, allowed: only together with --resume or --close'],
  ['verify-data', 'today --lines --sample 3', '--sample: received 3, allowed: not together with --lines'],
  ['verify-data', 'today --date today', '--date: received "today", allowed: only with a file or a manifest'],
  ['acknowledge', '--until today', '--until: received "today", allowed: only with a file or --class'],
  ['acknowledge', '--lift', '--lift: received true, allowed: only with a file or --class'],
  ['acknowledge', `--class ${CLASS} --date today`, '--date: received "today", allowed: only with a file'],
  [
    'batch-update',
    '--list files.csv --new-status pending --date today --older-than 2h',
    'Received --list together with --date, --older-than; allowed: --list alone',
  ],
])('%s %s is refused, since a flag would have no effect', async (name, args, message) => {
  const { code, stdout, stderr } = await runRunbook(name, args.split(' '), aws.environment);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});
