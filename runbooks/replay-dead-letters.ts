import * as z from 'zod';
import { s3 } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import type { RunContext } from '../shared/cli/command.ts';
import { printList } from '../shared/cli/print-list.ts';
import { projectionContext } from '../shared/cli/projection-context.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { type Column, countColumn } from '../shared/cli/table.ts';
import { writeFlags } from '../shared/cli/write-flags.ts';
import {
  type DeadLetterStore,
  listDeadLetters,
  type WaitingLetter,
} from '../shared/projection/dead-letters.ts';
import { type LetterReplay, replayDeadLetter } from '../shared/projection/replay-dead-letters.ts';
import { noteHealth } from '../shared/projection/reports.ts';
import { EXIT } from '../shared/text/refused.ts';
import { isoTime } from '../shared/text/time.ts';

const WAITING: Column<WaitingLetter>[] = [
  { name: 'key', value: ({ key }) => key, shorten: true },
  countColumn('bytes', ({ bytes }) => bytes),
  { name: 'kept_at', title: 'kept at', value: ({ keptAt }) => keptAt && isoTime(keptAt.getTime()) },
];
const REPLAYED: Column<LetterReplay>[] = [
  { name: 'result', value: ({ result }) => result },
  countColumn('records', ({ records }) => records),
  countColumn('applied', ({ report }) => report?.applied),
  countColumn('late', ({ report }) => report?.late),
  countColumn('duplicates', ({ report }) => report?.duplicates),
  { name: 'key', value: ({ key }) => key, shorten: true },
  { name: 'reason', value: ({ reason }) => reason },
];

await runCommand({
  name: 'replay-dead-letters',
  description: 'What the consumer could not apply: lists it, or gives it to the consumer once more',
  flags: z.object(writeFlags),
  examples: [
    ['--env local', 'what waits on this machine'],
    ["--apply --reason 'permissions mended'", 'applies what can be applied, after a question'],
  ],
  async run(context) {
    const { flags, note, now } = context;
    const { deadLetterBucket } = readConfig(['deadLetterBucket']);
    const store = { s3: s3(), bucket: deadLetterBucket };
    if (!flags.apply) {
      const rows = listDeadLetters(store);
      const waiting = await printList(context, { things: 'dead letters', columns: WAITING, rows });
      if (waiting > 0) note('Nothing was written. To replay them, add --apply and --reason.');
      return;
    }
    await context.confirm('Replay the dead letters of the stream');
    const stuck = await replayAll(context, store);
    await noteHealth(context.service.projection, { dead_letters: { at: isoTime(now), waiting: stuck } });
    return stuck > 0 ? EXIT.partly : EXIT.done;
  },
});

/** @returns how many letters wait still */
async function replayAll(context: RunContext<object>, store: DeadLetterStore): Promise<number> {
  let stuck = 0;
  async function* replays() {
    // What is refused anew is kept under a key of this listing or before it: it is read once.
    for await (const { key } of listDeadLetters(store)) {
      const replay = await replayDeadLetter(key, store, projectionContext(context));
      if (replay.result !== 'applied') stuck += 1;
      yield replay;
    }
  }
  await printList(context, { things: 'dead letters', columns: REPLAYED, rows: replays() });
  return stuck;
}
