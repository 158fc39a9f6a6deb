import type { S3Client } from '@aws-sdk/client-s3';
import type { Outcome } from '../../infra/local-lambda/batch.ts';
import { batchFailures, type ConsumeReport, consumeBatch } from '../../shared/projection/consume.ts';
import { nothingSeen } from '../../shared/projection/seen.ts';
import { createWriter } from '../../shared/projection/writer.ts';
import { FIELD_INDEX, usualSuffixesOf } from '../../shared/settings/index-profile.ts';
import { formerWriter } from '../support/former-writer.ts';
import { type Intercept, interceptedDocuments, interceptedStorage } from '../support/intercepted.ts';
import { SENDER_PATH } from './change.ts';
import { faultyCalls } from './faulty-calls.ts';
import type { PlannedInvocation } from './schedule.ts';
import type { World } from './world.ts';

/** A process that runs the consumer, one invocation at a time, as the handler does. */
export interface Consumer {
  readonly name: string;
  /** Resolves to what the mapping gets to know; a process that died must not be invoked again. */
  invoke(records: readonly unknown[], plan: InvocationPlan): Promise<Outcome & { readonly died: boolean }>;
}

export type InvocationPlan = Pick<PlannedInvocation, 'clock' | 'hurried' | 'faults'>;

const NOW = Date.parse('2026-11-23T06:00:00Z');
const NO_TIME_FOR_RETRIES = 1_000;

/** @param random evenly distributed in [0, 1) */
export function createConsumer(name: string, world: World, random: () => number): Consumer {
  let current: Intercept | undefined;
  const intercept: Intercept = (call) =>
    current?.(call) ?? Promise.reject(new Error('A call outside of any invocation.'));
  const projection = { docs: interceptedDocuments(world.dynamoDb, intercept), name: world.table };
  let storage: S3Client | undefined;
  const store = {
    bucket: 'dead-letters',
    // Few consumers keep a dead letter, and making this client costs more than applying a batch.
    get s3() {
      storage ??= interceptedStorage(world.letters, intercept);
      return storage;
    },
  };
  const seen = nothingSeen(SENDER_PATH);
  const writer = random() < FORMER_SHARE ? formerWriter(random) : createWriter(random);
  const countsFlow = random() < FLOW_SHARE;
  return {
    name,
    invoke(records, { clock, hurried, faults }) {
      const context = {
        projection,
        writer,
        now: NOW + clock,
        random,
        sleep: () => Promise.resolve(),
        remainingMillis: () => (hurried ? NO_TIME_FOR_RETRIES : 60_000),
        seen,
        usualSuffixes: usualSuffixesOf(FIELD_INDEX),
        countsFlow,
      };
      return new Promise((resolve) => {
        const die = () => resolve({ payload: undefined, functionError: 'the process died', died: true });
        current = faultyCalls(name, faults, world, die);
        consumeBatch(records, context, store).then(
          (report) => {
            count(world, report);
            resolve({ payload: batchFailures(records, report.unapplied), died: false });
          },
          (error: unknown) => resolve({ payload: undefined, functionError: String(error), died: false }),
        );
      });
    },
  };
}

// While a new version is deployed, consumers of the one before it work beside those of the new one.
const FORMER_SHARE = 0.25;
// Whoever counts durations reads heads before moving them.
const FLOW_SHARE = 0.25;

function count(
  { tally }: World,
  { duplicates, late, gapsClosed, deadLetters, unapplied }: ConsumeReport,
): void {
  tally.add('duplicate recognised', duplicates);
  tally.add('late event merged', late);
  tally.add('gap closed', gapsClosed);
  tally.add('dead letter kept', deadLetters.length);
  tally.add('record left for redelivery', unapplied.length);
}
