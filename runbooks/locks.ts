import * as z from 'zod';
import type { Table } from '../shared/aws/deps.ts';
import { clearLocks } from '../shared/changes/clear-locks.ts';
import type { RunContext } from '../shared/cli/command.ts';
import { dateFlags } from '../shared/cli/common-flags.ts';
import { closedRange, resolveDates } from '../shared/cli/dates.ts';
import { mapEach } from '../shared/cli/map-each.ts';
import { type PrintedList, printList } from '../shared/cli/print-list.ts';
import { runCommand } from '../shared/cli/run-command.ts';
import { type WriteValues, writeFlags } from '../shared/cli/write-flags.ts';
import { isExpired, type Lock, readLocks } from '../shared/pipeline/locks.ts';
import { listDates } from '../shared/projection/dates.ts';
import { addDays, datesBetween, dayOf } from '../shared/text/time.ts';
import { type LockRow, lockColumns, lockRow } from './views/lock-rows.ts';

const DAYS_AROUND = 2;

await runCommand({
  name: 'locks',
  description: `The builders' locks on dates; --clear-expired clears those that have expired`,
  flags: z
    .object({
      ...dateFlags,
      clearExpired: z.boolean().default(false).describe('Clear the locks that have expired, and only those'),
      ...writeFlags,
    })
    .refine(({ apply, clearExpired }) => clearExpired || !apply, {
      path: ['apply'],
      error: 'allowed: only together with --clear-expired',
    }),
  examples: [
    ['--env local', 'the locks on all dates that have files'],
    ['--clear-expired', 'which ones would be cleared'],
    ["--clear-expired --apply --reason 'builder died'", 'clears them, after a question'],
  ],
  async run(context) {
    const { flags, service, note, now } = context;
    const asked = closedRange(resolveDates(flags, now), now);
    const dates = asked ? datesBetween(asked.start, asked.end) : await knownDates(service.projection, now);
    const locks = await readLocks(service.tracking, dates);
    const print = (things: string, rows: PrintedList<LockRow>['rows']) =>
      printList(context, { things, columns: lockColumns(now, flags.clearExpired), rows });
    note(`Dates searched: ${dates.length}, from ${dates[0]} to ${dates.at(-1)}.`);
    if (!flags.clearExpired) {
      const rows = locks.map((lock) => lockRow(lock, now));
      await print('locks', rows);
      return;
    }
    const expired = locks.filter((lock) => isExpired(lock, now));
    if (!flags.apply || expired.length === 0) {
      const rows = expired.map((lock) => lockRow(lock, now, 'would be cleared'));
      await print('expired locks', rows);
      if (expired.length > 0) note(nextStep(context));
      return;
    }
    await context.confirm(`Clear ${expired.length} expired lock${expired.length === 1 ? '' : 's'}`);
    await print('expired locks', clear(context, expired));
  },
});

function nextStep({ again }: RunContext<unknown>): string {
  return `Nothing was written. To clear them: ${again(['--apply', '--reason', 'WHY'])}`;
}

/** Every date with files, and the days around today: a lock may be there before the first file is. */
async function knownDates(projection: Table, now: number): Promise<string[]> {
  const recent = datesBetween(addDays(dayOf(now), -DAYS_AROUND), addDays(dayOf(now), DAYS_AROUND));
  return [...new Set([...(await listDates(projection)), ...recent])].sort();
}

/** Clears as it is read. */
function clear({ service, flags, note, now }: RunContext<WriteValues>, locks: readonly Lock[]) {
  const request = { id: service.newId(), actor: service.actor, reason: flags.reason ?? '' };
  note(`Change ${request.id}.`);
  return mapEach(clearLocks(service, locks, request, service.signal), ({ lock, cleared }) =>
    lockRow(lock, now, cleared ? 'cleared' : 'kept: taken anew'),
  );
}
