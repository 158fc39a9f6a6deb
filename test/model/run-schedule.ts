import type { Change } from './change.ts';
import { deliver, ShardBlocked } from './deliver.ts';
import { countingErrors, differences, letterErrors } from './differences.ts';
import { type Dates, play } from './play.ts';
import { readProjected } from './projected.ts';
import type { Schedule } from './schedule.ts';
import { isPoison, isShown, type Truth, truthOf } from './truth.ts';
import { createTurnstile } from './turnstile.ts';
import { createUnkindEngine } from './unkind-engine.ts';
import type { Ground, Tally, World } from './world.ts';

/** What one run of a schedule came to. */
export interface Run {
  /** Where the projection is not as it must be; nothing else may be in it. */
  readonly differences: readonly string[];
  readonly truths: readonly Truth[];
  /** Every call in turn, with what befell it: the same for every run of the same schedule. */
  readonly trace: readonly string[];
}

/**
 * Runs a schedule on a projection table: the history's stream is delivered as the schedule has it, with all
 * its faults, then to its end without any. Then everything must be as if nothing had ever gone wrong.
 *
 * @param id the run's own: runs that share a table must not share dates
 */
export async function runSchedule(
  schedule: Schedule,
  id: string,
  ground: Ground,
  tally: Tally,
): Promise<Run> {
  const dates: Dates = { first: `${id}-a`, second: `${id}-b`, refused: `${id}-`.padEnd(LONGEST_KEY, 'x') };
  const changes = play(schedule.history, dates);
  const truths = truthOf(changes);
  const read = () => readProjected(ground, truths, [dates.first, dates.second]);
  const glanced: string[] = [];
  const glance = async (turn: number) => {
    if (turn !== schedule.glanceBefore) return;
    tally.add('glance in between');
    glanced.push(...countingErrors(await read()).map((error) => `before call ${turn}, ${error}`));
  };
  const turnstile = createTurnstile(schedule.order, glance);
  const unkind = createUnkindEngine(schedule.capacity, ground.table, turnstile, tally);
  const world: World = { ...ground, ...unkind, turnstile, tally, letters: new Map(), trace: [] };
  countHistory(changes, tally);
  const blocked = await deliver(schedule, changes, world).then(() => [], blockOf);
  const projected = await read();
  tally.add(
    'timeline page written',
    projected.heads.reduce((sum, { pages }) => sum + pages, 0),
  );
  const found = [...differences(truths, projected), ...letterErrors(changes, world.letters)];
  return { differences: [...glanced, ...blocked, ...found], truths, trace: world.trace };
}

// A date_prefix may be as long as a key, but then the projection's keys, which say more, are too long.
const LONGEST_KEY = 2_048;

function blockOf(error: unknown): string[] {
  if (error instanceof ShardBlocked) return [error.message];
  throw error;
}

function countHistory(changes: readonly Change[], tally: Tally): void {
  const times = changes.map(({ record }) => record.dynamodb.ApproximateCreationDateTime);
  tally.add('schedule');
  tally.add('record', changes.length);
  tally.add('transition', changes.filter(isShown).length);
  tally.add('poison record', changes.filter(isPoison).length);
  tally.add('clock went back', times.filter((time, i) => time < (times[i - 1] ?? 0)).length);
  const streams = new Set(changes.map(({ position }) => position.split('#')[0]));
  if (streams.size > 1) tally.add('stream restarted');
}
