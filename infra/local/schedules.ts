import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { EVERY_HOURS, type ScheduledJob } from '../../shared/aws/schedule.ts';
import { listDates } from '../../shared/projection/dates.ts';
import { errorText } from '../../shared/text/error-text.ts';
import { cutTo } from '../../shared/text/visible-text.ts';
import type { LambdaFunction } from '../local-lambda/function.ts';
import { failureText } from './failure-text.ts';
import type { LocalSettings } from './settings.ts';
import type { LocalSystem } from './system.ts';

/**
 * How much more often than in prod the schedules run; the limits in `settings.local.json` are shorter by the same
 * factor.
 */
const SPEED_UP = 400;

const AUDITED_DATES = 8;
const HOUR_MILLIS = 3_600_000;

/** The outlet looks every minute in prod: here it does not have to look `SPEED_UP` times as often. */
const OUTLET_MILLIS = 5_000;

/** As often as in prod: forecasts are made from samples of the flow that are this far apart. */
const WATCH_MILLIS = 120_000;

/** A scheduled task. */
interface Task {
  readonly name: string;
  readonly everyMillis: number;
  run(signal: AbortSignal): Promise<string>;
}

/** The schedules, running. */
export interface Schedules {
  /** The latest result of each task, in a few words, by its name. */
  results(): readonly (readonly [name: string, result: string])[];
  /** Stops them after the tasks in progress. */
  stop(): Promise<void>;
}

export const NO_SCHEDULES: Schedules = {
  results: () => [['schedules', 'off']],
  stop: () => Promise.resolve(),
};

/**
 * Runs sweeps, statistics and audits on the schedules of prod, `SPEED_UP` times as often, the outlet, and the watchdog.
 *
 * @param firstMillis the longest wait before the first run of each, since somebody is waiting to see it
 */
export function startSchedules(
  settings: LocalSettings,
  system: LocalSystem,
  firstMillis = 10_000,
): Schedules {
  const abort = new AbortController();
  const results = new Map<string, string>();
  const loops = tasksOf(settings, system).map((task) => repeat(task, firstMillis, results, abort.signal));
  return {
    results: () => [...results],
    stop: async () => {
      abort.abort();
      await Promise.all(loops);
    },
  };
}

/**
 * A failed task is reported and continues soon, like the retries of prod's state machines: its findings must not grow
 * old.
 */
async function repeat(
  { name, everyMillis, run }: Task,
  firstMillis: number,
  results: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const soon = Math.min(everyMillis, firstMillis);
  for (let wait = soon; await waitFor(wait, signal); ) {
    try {
      results.set(name, await run(signal));
      wait = everyMillis;
    } catch (error) {
      results.set(name, `failed (${cutTo(errorText(error), 120)}), will retry in a moment`);
      wait = soon;
    }
  }
}

function tasksOf(settings: LocalSettings, system: LocalSystem): Task[] {
  const { dynamoDb, sweep, audit, statistics, outlet, watchdog } = system;
  const every = (job: ScheduledJob) => (EVERY_HOURS[job] * HOUR_MILLIS) / SPEED_UP;
  const projection = {
    docs: DynamoDBDocumentClient.from(dynamoDb),
    name: settings.names.projectionTable,
  };
  return [
    { name: 'sweep', everyMillis: every('sweep'), run: (signal) => runSweep(sweep, signal) },
    { name: 'statistics', everyMillis: every('statistics'), run: () => runStatistics(statistics) },
    {
      name: 'audit',
      everyMillis: every('audit'),
      run: (signal) => runAudit(audit, projection, signal),
    },
    { name: 'watchdog', everyMillis: WATCH_MILLIS, run: () => runWatchdog(watchdog) },
    { name: 'outlet', everyMillis: OUTLET_MILLIS, run: outletTeller(outlet) },
  ];
}

function outletTeller(outlet: LambdaFunction): () => Promise<string> {
  let told = 0;
  return async () => {
    told += Number((await ask(outlet, {})).sent);
    return `${told} notices`;
  };
}

/** The steps of the state machine of sweeps; units are not searched in parallel, since there is only one process. */
async function runSweep(sweep: LambdaFunction, signal: AbortSignal): Promise<string> {
  const begun = await ask(sweep, {
    step: 'begin',
    holder: randomUUID(),
  });
  if (begun.skipped) return 'another one is in progress';
  for (const unit of begun.units as Answer[]) {
    for (let answer = unit; !answer.done; ) {
      if (signal.aborted) return 'stopped';
      answer = await ask(sweep, answer);
    }
  }
  const { totals } = await ask(sweep, begun.end as Answer);
  const counts = Object.values(totals as Record<string, number>);
  return `${counts.reduce((sum, count) => sum + count, 0)} orphans`;
}

async function runWatchdog(watchdog: LambdaFunction): Promise<string> {
  const { blind, overdue } = await ask(watchdog, {});
  const late = Object.values(overdue as Record<string, number>).reduce((sum, count) => sum + count, 0);
  return [...(blind as readonly string[]), `${late} overdue`].join(' ');
}

async function runStatistics(statistics: LambdaFunction): Promise<string> {
  await ask(statistics, {});
  return 'saved';
}

/** Audits the latest dates, one after another; each answer for a date is the next request, until it is done. */
async function runAudit(
  audit: LambdaFunction,
  projection: Parameters<typeof listDates>[0],
  signal: AbortSignal,
): Promise<string> {
  const dates = (await listDates(projection)).slice(-AUDITED_DATES);
  let issues = 0;
  for (const date_prefix of dates) {
    let answer: Answer = { date_prefix };
    while (!answer.done) {
      if (signal.aborted) return 'stopped';
      answer = await ask(audit, answer);
    }
    issues += Number(answer.issues_found);
  }
  return `${issues} issues on ${dates.length} dates`;
}

type Answer = Readonly<Record<string, unknown>>;

async function ask(fn: LambdaFunction, request: Answer): Promise<Answer> {
  const { payload, functionError } = await fn.invoke(request);
  if (functionError) throw new Error(failureText(payload));
  return payload as Answer;
}

/** @returns false when it has been stopped */
async function waitFor(millis: number, signal: AbortSignal): Promise<boolean> {
  await sleep(millis, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
