import * as z from 'zod';
import type { Table } from '../shared/aws/deps.ts';
import { clearLocks } from '../shared/changes/clear-locks.ts';
import { changeRequestOf } from '../shared/cli/change-report.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { closedRange, dateFlags, resolveDates } from '../shared/cli/dates.ts';
import { main } from '../shared/cli/entry.ts';
import { type WriteValues, writeFlags } from '../shared/cli/flags.ts';
import { type PrintedList, printList } from '../shared/cli/output.ts';
import { isExpired, type Lock, readLocks } from '../shared/pipeline/locks.ts';
import { datesIn, listDates } from '../shared/projection/dates.ts';
import { countOf } from '../shared/text/number-text.ts';
import { addDays, datesBetween, dayOf } from '../shared/text/time.ts';
import { type LockRow, lockColumns, lockRow } from './views/lock-rows.ts';

const DAYS_AROUND = 2;

export const locks = command({
  name: 'locks',
  description: `Lists the builders' locks on dates; --clear-expired removes expired ones, which block nobody`,
  flags: z
    .object({
      ...dateFlags,
      clearExpired: z
        .boolean()
        .default(false)
        .describe('Clear expired locks only, which block nobody; the next builder takes them over anyway'),
      ...writeFlags,
    })
    .refine(({ apply, clearExpired }) => clearExpired || !apply, {
      path: ['apply'],
      error: 'allowed: only together with --clear-expired',
    }),
  examples: [
    ['--env local', 'the locks on all dates that have files'],
    ['--clear-expired', 'which ones would be cleared'],
    ["--clear-expired --apply --reason 'tidied up'", 'clears them, after confirmation'],
  ],
  async run(context) {
    const { flags, deps, note, now } = context;
    const asked = closedRange(resolveDates(flags, now), now);
    const dates = await (asked ? datesIn(deps.projection, asked) : knownDates(deps.projection, now));
    const found = await readLocks(deps.tracking, dates);
    const print = (things: string, rows: PrintedList<LockRow>['rows']) =>
      printList(context, { things, columns: lockColumns(now, flags.clearExpired), rows, toEnd: flags.apply });
    note(`Dates searched: ${dates.length}, from ${dates[0]} to ${dates.at(-1)}.`);
    if (!flags.clearExpired) {
      const rows = found.map((lock) => lockRow(lock, now));
      await print('locks', rows);
      return;
    }
    const expired = found.filter((lock) => isExpired(lock, now));
    if (!flags.apply || expired.length === 0) {
      const rows = expired.map((lock) => lockRow(lock, now, 'would be cleared'));
      await print('expired locks', rows);
      if (expired.length > 0) note(nextStep(context));
      return;
    }
    await context.confirm(`Clear ${countOf(expired.length, 'expired lock')}`);
    await print('expired locks', clear(context, expired));
    return;
  },
});

function nextStep({ again }: RunContext): string {
  return `Nothing was written. To clear them: ${again(['--apply', '--reason', 'WHY'])}`;
}

/** Every date with files, and the days around today: a lock may be there before the first file is. */
async function knownDates(projection: Table, now: number): Promise<string[]> {
  const recent = datesBetween(addDays(dayOf(now), -DAYS_AROUND), addDays(dayOf(now), DAYS_AROUND));
  return [...new Set([...(await listDates(projection)), ...recent])].sort();
}

/** Clears one lock for each row that is read. */
async function* clear({ deps, flags, note, now }: RunContext<WriteValues>, expired: readonly Lock[]) {
  const request = changeRequestOf(deps, { reason: flags.reason });
  note(`Change ${request.id}.`);
  for await (const { lock, cleared } of clearLocks(deps, expired, request, deps.signal)) {
    yield lockRow(lock, now, cleared ? 'cleared' : 'kept: re-acquired');
  }
}

await main(import.meta, locks);
