import { Refused } from '../text/refused.ts';
import type { Target } from './target.ts';

/** Where a command really works: what AWS says of its credentials, and the region of its client. */
interface Here {
  readonly account: string;
  readonly region: string | undefined;
}

/**
 * Says that a command does not work where the settings say that the environment is: tables of the same names may be
 * in other accounts and regions, too. Behind an endpoint of one's own there is no such place.
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
  return `This is not where the settings of ${environment} say: ${texts.join('; ')}.`;
}

/** Reading there may be of use; a change would be made to the wrong files. */
export function refusedElsewhere(text: string): Refused {
  return new Refused(
    'OTHER_PLACE',
    `${text} Nothing was written.`,
    'Use credentials of that account, for example with --profile. If you mean another region, add --region.',
  );
}
