import { type Batch, generateBatches } from '../../infra/simulator/life.ts';
import { performStep } from '../../infra/simulator/steps.ts';
import type { LocalAws } from './local-aws.ts';

/**
 * Lives the life of one batch of a scenario as the simulated pipeline does, in a table and buckets, at once:
 * records get the times of that life, objects the real time, which is near.
 *
 * @param day the batch's date_prefix, for it shares its output folder with no other then
 */
export async function liveScenario(aws: LocalAws, scenario: string, day: string): Promise<Batch> {
  const startMillis = Date.parse(`${day}T12:00:00Z`);
  const batch = findBatch(scenario, startMillis);
  const begun = Date.now();
  for (const step of batch.steps) {
    const target = {
      documents: aws.documents,
      table: aws.trackingTable,
      s3: aws.s3,
      buckets: aws.buckets,
      keepSettledSeconds: 90 * 86_400,
      now: () => Math.round(begun + step.at * 1_000),
    };
    await performStep(target, batch, step);
  }
  return batch;
}

function findBatch(scenario: string, startMillis: number): Batch {
  for (const batch of generateBatches({ seed: 7, rate: 1e6 }, startMillis)) {
    const isWhole = batch.files.every(({ hasInput }) => hasInput);
    const isOfDay = batch.date === new Date(startMillis).toISOString().slice(0, 10);
    if (batch.scenario.name === scenario && isWhole && isOfDay) return batch;
  }
  throw new Error(`No batch of the scenario ${scenario} was generated.`);
}
