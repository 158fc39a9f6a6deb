import * as z from 'zod';
import { readConfig } from '../shared/aws/config.ts';
import { noteUpkeep } from '../shared/changes/upkeep.ts';
import { changeRequestOf } from '../shared/cli/change-report.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { writeFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import { type Column, countColumn } from '../shared/cli/table.ts';
import {
  countDeadLetters,
  type DeadLetterStore,
  listDeadLetters,
  type WaitingLetter,
} from '../shared/projection/dead-letters.ts';
import { noteHealth } from '../shared/projection/health.ts';
import { type LetterReplay, replayDeadLetter } from '../shared/projection/replay-dead-letters.ts';
import { nothingSeen } from '../shared/projection/seen.ts';
import { EXIT } from '../shared/text/refused.ts';
import { isoTime } from '../shared/text/time.ts';
import { utcText } from '../shared/text/time-text.ts';

const WAITING: Column<WaitingLetter>[] = [
  { name: 'key', value: ({ key }) => key, whole: true },
  countColumn('bytes', ({ bytes }) => bytes),
  {
    name: 'kept_at',
    title: 'kept at',
    value: ({ keptAt }) => keptAt && isoTime(keptAt.getTime()),
    text: ({ keptAt }) => (keptAt ? utcText(keptAt.getTime()) : ''),
  },
];
const REPLAYED: Column<LetterReplay>[] = [
  { name: 'result', value: ({ result }) => result },
  countColumn('records', ({ records }) => records),
  countColumn('applied', ({ report }) => report?.applied),
  countColumn('late', ({ report }) => report?.late),
  countColumn('duplicates', ({ report }) => report?.duplicates),
  { name: 'key', value: ({ key }) => key, whole: true },
  { name: 'reason', value: ({ reason }) => reason, whole: true },
];

export const replayDeadLetters = command({
  name: 'replay-dead-letters',
  description: 'Lists what the consumer could not apply, or replays it with --apply',
  flags: z.object(writeFlags),
  buckets: true,
  examples: [
    ['--env local', 'what is waiting on this machine'],
    ["--apply --reason 'permissions fixed'", 'applies what can be applied, after confirmation'],
  ],
  async run(context) {
    const { flags, deps, variables, note, now } = context;
    const { deadLetterBucket } = readConfig(['deadLetterBucket'], variables);
    const store = { s3: deps.storage.s3, bucket: deadLetterBucket };
    if (!flags.apply) {
      const rows = listDeadLetters(store);
      const waiting = await printList(context, { things: 'dead letters', columns: WAITING, rows });
      const apply = () => context.again(['--apply', '--reason', 'WHY']);
      if (waiting > 0) note(`Nothing was written. To replay them: ${apply()}`);
      return;
    }
    await context.confirm('Replay the dead letters of the stream');
    await noteUpkeep(deps, 'replay-dead-letters', changeRequestOf(deps, flags));
    await replayAll(context, store);
    // It may have been interrupted: letters that it did not come to are waiting, too.
    const waiting = await countDeadLetters(store);
    await noteHealth(deps.projection, { dead_letters: { at: isoTime(now), waiting } });
    return waiting > 0 ? EXIT.partly : EXIT.done;
  },
});

async function replayAll(context: RunContext<object>, store: DeadLetterStore): Promise<void> {
  const { tracking, profile } = context.deps;
  const noted = {
    seen: nothingSeen(tracking.senderPath),
    usualSuffixes: tracking.usualSuffixes,
    countsFlow: profile.counters.flow,
  };
  async function* replays() {
    // A letter that is refused again keeps a key that this listing has passed, so it is read only once.
    for await (const { key } of listDeadLetters(store)) {
      yield await replayDeadLetter(key, store, { ...context.deps, ...noted });
    }
  }
  await printList(context, { things: 'dead letters', columns: REPLAYED, rows: replays(), toEnd: true });
}

await main(import.meta, replayDeadLetters);
