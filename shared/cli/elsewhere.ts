import { Refused } from '../text/refused.ts';
import type { Target } from './target.ts';

/** Where a command really works: the account of its credentials, and the region of its client. */
interface Here {
  readonly account: string;
  readonly region: string | undefined;
}

/**
 * Says that a command works in another account or region than the settings name: tables of the same names may exist
 * there, too. Nothing is compared behind a custom endpoint.
 *
 * @returns undefined when all is well, or the settings say nothing
 */
export function elsewhereText({ environment, endpoint, home }: Target, here: Here): string | undefined {
  if (endpoint !== undefined) return undefined;
  const differing = (['account', 'region'] as const).filter(
    (what) => home[what] && home[what] !== here[what],
  );
  if (differing.length === 0) return undefined;
  const texts = differing.map((what) => `the ${what} is ${here[what]}, expected: ${home[what]}`);
  return `This is not where ${environment} is, according to its settings: ${texts.join('; ')}.`;
}

/** Reading there may be useful; a change would be made to the wrong files. */
export function refusedElsewhere(text: string): Refused {
  return new Refused(
    'OTHER_PLACE',
    `${text} Nothing was written.`,
    'Use credentials of that account, for example with --profile. If you mean another region, add --region.',
  );
}
