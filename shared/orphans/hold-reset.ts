import { executionEnded } from '../pipeline/execution.ts';
import { mayBeRunning, obstacleToReset } from '../pipeline/retryable.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import type { Facts } from './facts.ts';
import type { RecommendedChange } from './verdict.ts';

/** What is said of a record, and what is recommended. */
interface Advised {
  /** One sentence. */
  readonly summary: string;
  readonly change: RecommendedChange;
}

/**
 * Takes a recommended reset back when something speaks against it, and says what: a job could not read the file, or
 * may still be converting it. So nothing that is recommended poisons a manifest or converts a file twice. Pure.
 */
export function holdReset<A extends Advised>(
  advised: A,
  { record, manifest, input }: Facts,
  rules: { readonly profile: PipelineProfile; readonly now: number },
): A {
  if (advised.change !== 'reset') return advised;
  const execution =
    mayBeRunning(record) && manifest
      ? executionEnded(record, { name: manifest.name, manifest: manifest.record }, rules)
      : undefined;
  const obstacle = obstacleToReset(record, { input, execution }, rules.profile);
  if (!obstacle) return advised;
  const summary = `${advised.summary.replace(/\.$/, '')}; it is not to be reset: ${obstacle.sentence}.`;
  return { ...advised, summary, change: 'none' };
}
