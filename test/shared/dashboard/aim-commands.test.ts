import { expect, test } from 'vitest';
import { type AimedCommands, aimCommands } from '../../../shared/dashboard/aim-commands.ts';
import { commandLine, runbookCommand } from '../../../shared/dashboard/runbook.ts';
import { markupOf } from '../../../shared/page-kit/html.ts';

const AIM = { before: ['STATE_MANAGER_PORT=5800'], after: ['--profile', 'ops'] };

/** A printed command as it is copied, and as a shell reads it. */
const copied = (command: ReturnType<typeof runbookCommand>, aim: AimedCommands = AIM) =>
  aimCommands(markupOf(command), aim)
    .replace(/<[^>]*>/g, '')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'");

test('a command gets its variable in front and its flags at the end, even if something is piped into it', () => {
  expect(copied(runbookCommand('prod', 'stats'))).toBe(
    'STATE_MANAGER_PORT=5800 npx tsx runbooks/stats.ts --env prod --profile ops',
  );
  const piped = runbookCommand('prod', 'batch-update', ['--list=-'], { from: ['grep', 'reset', 'a.ndjson'] });
  expect(copied(piped)).toBe(
    'grep reset a.ndjson | STATE_MANAGER_PORT=5800 npx tsx runbooks/batch-update.ts --list=- --env prod --profile ops',
  );
  const kept = runbookCommand('prod', 'files', [], { into: 'a.ndjson' });
  expect(copied(kept)).toContain('runbooks/files.ts --env prod > a.ndjson --profile ops');
});

test('a variable is shown as a shell takes it, whatever its value', () => {
  const before = [`SETTINGS='/my settings/$&'`];
  expect(copied(runbookCommand('prod', 'stats'), { before, after: [] }).replaceAll('&amp;', '&')).toBe(
    `SETTINGS='/my settings/$&' npx tsx runbooks/stats.ts --env prod`,
  );
});

test('a command of the AWS CLI gets the profile alone', () => {
  const command = commandLine('aws glue get-job-run --job-name convert');
  expect(copied(command, { ...AIM, profile: 'ops team' })).toBe(
    "aws glue get-job-run --job-name convert --profile 'ops team'",
  );
  expect(copied(command)).toBe('aws glue get-job-run --job-name convert');
});

test('markup that is no command, and commands that need nothing, stay unchanged', () => {
  const other = '<code class="sm-command"><span>cp</span> <span>a</span></code> aws s3 npx <code>npx</code>';
  expect(aimCommands(other, AIM)).toBe(other);
  expect(copied(runbookCommand('prod', 'stats'), { before: [], after: [] })).toBe(
    'npx tsx runbooks/stats.ts --env prod',
  );
});
