import { errorText, namedErrorText } from '../../shared/text/error-text.ts';
import { cutTo } from '../../shared/text/visible-text.ts';
import type { Asked } from './asked.ts';
import { type Reading, stands } from './reading.ts';

/**
 * The result of a check. `later`: it cannot be known before the first deployment, or so soon after it, and nothing is
 * wrong with that.
 */
export type Level = 'ok' | 'warning' | 'problem' | 'unknown' | 'later';

/** What to do about it. */
export interface Remedy {
  /** One or two sentences. */
  readonly say: string;
  /** A command line that works when it is pasted. */
  readonly run?: string;
}

export interface Judgement {
  readonly level: Level;
  /** What was found, as a sentence without a full stop. */
  readonly found: string;
  readonly remedy?: Remedy;
}

/** One line of the answer. */
export interface Finding extends Judgement {
  readonly check: string;
}

/** One question about an environment. `read` asks AWS and decides nothing, `judge` is pure. */
interface CheckOf<F> {
  /** What it is about, in at most 18 characters. */
  readonly name: string;
  /** The permission that reading needs, where the service does not name it. */
  readonly permission: string;
  /** The only place where it applies; left out, it applies everywhere. */
  readonly place?: 'aws' | 'local';
  /** It reads what a deployment created: before the first one there is no answer. */
  readonly deployed?: true;
  read(reading: Reading, asked: Asked): Promise<F>;
  judge(facts: F, asked: Asked): Judgement;
}

/** A check that keeps the type of its facts to itself. */
export interface Check extends Pick<CheckOf<never>, 'name' | 'place'> {
  /** Reads and judges; it never rejects because of what a service answers. */
  run(reading: Reading, asked: Asked): Promise<Finding>;
}

export function check<F>(definition: CheckOf<F>): Check {
  const { name, place } = definition;
  return {
    name,
    ...(place && { place }),
    run: async (reading, asked) => ({ check: name, ...(await judgementOf(definition, reading, asked)) }),
  };
}

async function judgementOf<F>(
  { permission, deployed, read, judge }: CheckOf<F>,
  reading: Reading,
  asked: Asked,
): Promise<Judgement> {
  try {
    if (deployed && !asked.local && !stands(await reading.stack()))
      return { level: 'later', found: 'not deployed yet' };
  } catch (error) {
    const { found, ...rest } = notRead(error, STACK_PERMISSION, asked);
    return { ...rest, found: `whether it is deployed is unknown: ${found}` };
  }
  let facts: F;
  try {
    facts = await read(reading, asked);
  } catch (error) {
    return notRead(error, permission, asked);
  }
  return judge(facts, asked);
}

const STACK_PERMISSION = 'cloudformation:DescribeStacks';

/** What a failed reading shows: the answer is unknown, whatever the reason. */
function notRead(error: unknown, permission: string, asked: Asked): Judgement {
  if (isDenied(error)) {
    const named = /perform: ([\w-]+:\w+)/.exec(errorText(error))?.[1] ?? permission;
    const say = `Ask for it, or name a profile that has it: --profile NAME.`;
    return { level: 'unknown', found: `these credentials lack the permission ${named}`, remedy: { say } };
  }
  if (asked.local)
    return {
      level: 'unknown',
      found: `the local system does not answer: ${oneLine(namedErrorText(error))}`,
      remedy: { say: 'Start it in another shell, then run this again.', run: asked.start },
    };
  return {
    level: 'unknown',
    found: `it could not be read: ${oneLine(namedErrorText(error))}`,
    remedy: {
      say: 'Run it again; if that does not help, check network, region and endpoint.',
      run: asked.again,
    },
  };
}

/** S3 answers a HEAD without a message: only the status says what is wrong. */
function isDenied(error: unknown): boolean {
  const { name, $metadata } = (error ?? {}) as { name?: string; $metadata?: { httpStatusCode?: number } };
  return (
    /^(AccessDenied|NotAuthorized|AuthorizationError|UnauthorizedOperation|Forbidden)/.test(String(name)) ||
    ($metadata?.httpStatusCode === 403 && !/Token|Signature|Unrecognized/.test(String(name)))
  );
}

function oneLine(text: string): string {
  return cutTo(text.replace(/\s+/g, ' ').trim(), 200);
}
