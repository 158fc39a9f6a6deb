import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createLogUpdate } from 'log-update';
import { dynamoDb, dynamoDbDocuments } from '../aws/clients.ts';
import { readConfig } from '../aws/config.ts';
import type { Storage } from '../aws/deps.ts';
import type { Variables } from '../aws/process-environment.ts';
import { type Actor, newChangeId, OPERATING_SYSTEM } from '../changes/change.ts';
import { paceTrackingReads } from '../pipeline/pace-reads.ts';
import { trackingTable } from '../pipeline/tracking-table.ts';
import { type PipelineProfile, readProfile } from '../settings/pipeline-profile.ts';
import { errorText } from '../text/error-text.ts';
import { EXIT, usageError } from '../text/refused.ts';
import { commandText, shellWord } from '../text/shell-text.ts';
import { withFile, withFlags, withoutWriting } from './again.ts';
import { aimVariables } from './aim-variables.ts';
import type { Command, CommandDeps, Invocation, RunContext } from './command.ts';
import { askConsent, consentOf } from './confirm.ts';
import { elsewhereText, refusedElsewhere } from './elsewhere.ts';
import { expectedFailure } from './failure.ts';
import { flagName } from './flag-schema.ts';
import { type CommonValues, commonFlags, isWriting } from './flags.ts';
import { type Channels, outputTo } from './output.ts';
import type { Screen } from './table.ts';
import type { Place, Target, TargetFlags } from './target.ts';
import { type Colorize, colorizeFor, type OutputStream, startProgress } from './terminal.ts';

/** Prints the target to standard error, and gathers what a runbook works with. */
export async function startContext<F extends object>(
  { name, buckets = false, flags: schema }: Pick<Command, 'name' | 'buckets' | 'flags'>,
  { flags, common }: { readonly flags: F; readonly common: CommonValues },
  { target, variables }: Place,
  { argv, env, stdin, stdout, stderr, interrupt }: Invocation,
  { sink, note }: Channels,
): Promise<RunContext<F>> {
  const terminal = { input: stdin, output: stderr };
  const interrupted = interrupt.signal;
  const canAsk = stdin.isTTY === true && stderr.isTTY === true;
  const consent = isWriting(flags) ? consentOf(flags, target, canAsk) : undefined;
  const now = Date.now();
  const storage = buckets ? await openStorage(variables) : NO_STORAGE;
  const client = dynamoDb(variables);
  pace(client, target, variables);
  const { account, actor } = await identify(target, variables);
  const before = aimVariables(target, common, env);
  const front = before.map((word) => `${word} `).join('');
  const aim = {
    // Such a command names the environment itself.
    before: before.filter((word) => !word.startsWith('ENVIRONMENT=')),
    after: targetArguments({ ...common, env: undefined }),
    profile: target.profile,
  };
  // Somebody else has a profile of their own.
  const othersAim = {
    before: aim.before.filter((word) => !word.startsWith('AWS_PROFILE=')),
    after: targetArguments({ ...common, env: undefined, profile: undefined }),
  };
  let words = argv;
  const region = await client.config.region();
  note(bannerText(target, region, account, colorizeFor(stderr)));
  const elsewhere = elsewhereText(target, { account, region: common.region ? target.home.region : region });
  if (elsewhere && isWriting(flags)) throw refusedElsewhere(elsewhere);
  if (elsewhere) note(elsewhere);
  return {
    flags,
    target,
    variables,
    deps: depsOf(client, target, {
      ...{ storage, profile: profileOf(variables), actor, now, signal: interrupted },
      approval: target.approval && { ...target.approval, aim: othersAim },
    }),
    stdin,
    output: outputTo(sink, common.json ? 'json' : common.output, screenOf(stdout), createLogUpdate(stdout)),
    note,
    confirm: async (what) => {
      if (consent === 'given') return;
      const text = typeof what === 'string' ? what : await what();
      await askConsent(text, target, terminal, interrupted);
    },
    again: (more) => front + commandText(name, withFlags(words, more)),
    look: (more) => front + commandText(name, withFlags(withoutWriting(words), more)),
    nameFile: (part, file) => {
      words = withFile(words, part, file, { ...schema.shape, ...commonFlags([]).shape });
    },
    commandLine: (other, args) => front + commandText(other, [...args, ...targetArguments(common)]),
    othersLine: (other, args) => {
      const line = commandText(other, [...args, '--env', target.environment, ...othersAim.after]);
      return [...othersAim.before, line].join(' ');
    },
    where: { account, region },
    aim,
    aimed: (text) => aimedText(text, targetArguments(common), front, target.profile),
    progress: (label, total) => startProgress(stderr, label, total, () => performance.now()),
    interrupted,
    now,
  };
}

/** @throws Refused when the rate cannot be used: nothing may be read at full speed by mistake */
function pace(client: DynamoDBClient, { trackingTable }: Target, variables: Variables): void {
  try {
    const { readUnitsPerSecond } = readConfig(['readUnitsPerSecond'], variables);
    const time = { clock: () => performance.now(), sleep: (millis: number) => sleep(millis) };
    paceTrackingReads(client, { trackingTable, readUnitsPerSecond }, time);
  } catch (error) {
    throw usageError(errorText(error), 'Correct it, or leave it out to use the one in the settings.');
  }
}

/** The same that deployed functions get, except that only Ctrl-C ends it. */
function depsOf(
  client: DynamoDBClient,
  target: Target,
  given: Pick<CommandDeps, 'storage' | 'profile' | 'actor' | 'now' | 'signal' | 'approval'>,
): CommandDeps {
  const docs = dynamoDbDocuments(client);
  return {
    ...given,
    tracking: trackingTable(docs, target.trackingTable, given.profile),
    projection: { docs, name: target.projectionTable },
    newId: () => newChangeId(given.now, randomBytes(4).toString('hex')),
    clock: Date.now,
    sleep: (millis) => sleep(millis),
    random: Math.random,
    remainingMillis: () => Number.POSITIVE_INFINITY,
  };
}

/** @throws Refused when it cannot be used: nothing may be judged by a wrong profile of the pipeline */
function profileOf({ PIPELINE_PROFILE: text = '{}' }: Variables): PipelineProfile {
  try {
    return readProfile(text);
  } catch (error) {
    throw usageError(errorText(error), 'Correct it, or leave it out to use the one in the settings.');
  }
}

/** Loaded only for commands that read buckets: S3's client is larger than DynamoDB's. */
async function openStorage(variables: Variables): Promise<Storage> {
  const [{ s3 }, { STORAGE_SETTINGS, storageOf }] = await Promise.all([
    import('../aws/s3-client.ts'),
    import('../pipeline/storage.ts'),
  ]);
  return storageOf(s3(variables), readConfig(STORAGE_SETTINGS, variables));
}

const NO_STORAGE: Storage = {
  get s3(): never {
    throw undeclared();
  },
  get buckets(): never {
    throw undeclared();
  },
};

function undeclared(): Error {
  return new Error('A command that reads buckets must set buckets: true.');
}

/**
 * Who runs the command, and in which account. Behind a custom endpoint there is no account to ask.
 *
 * @throws what the SDK throws without valid credentials: nothing else could work either
 */
async function identify(
  target: Target,
  variables: Variables,
): Promise<{ readonly account: string; readonly actor: Actor }> {
  const person = { identity: userInfo().username, source: OPERATING_SYSTEM };
  // There the name must serve for an approval, too. Elsewhere a machine's user name may be anybody's: it is no id.
  if (target.endpoint !== undefined)
    return { account: 'none', actor: { ...person, user_id: person.identity } };
  try {
    const { callerIdentity } = await import('../aws/identity.ts');
    const { account, arn, userId } = await callerIdentity(variables);
    return { account, actor: { identity: arn, source: 'sts', user_id: userId } };
  } catch (error) {
    const failure = expectedFailure(error, target);
    if (!failure || failure.exitCode !== EXIT.failed) throw error;
    // A private network may reach DynamoDB but not this service.
    return { account: 'unknown', actor: person };
  }
}

/** What a command works on, in two lines that fit a narrow terminal. */
function bannerText(target: Target, region: string, account: string, colorize: Colorize): string {
  const { environment, trackingTable, endpoint, production } = target;
  const where = endpoint ?? `account ${account}`;
  const name = colorize(production ? 'bad' : 'heading', environment);
  return `Target  ${name} · ${where} · ${region}\nTable   ${trackingTable}`;
}

// The words after it as `shellWord` spells them.
const COMMAND_LINE =
  /npx tsx runbooks\/[\w-]+\.ts(?: (?:[\w@%+=:,./-]+|(?:\$'(?:[^'\\]|\\.)*'|'[^']*'|\\')+))*/g;

/**
 * A text whose command lines have these words added at their end, and variables set before them.
 *
 * @param profile what a command of the AWS CLI is given, which is a text of its own
 */
export function aimedText(text: string, more: readonly string[], before = '', profile?: string): string {
  if (text.startsWith('aws ')) return profile ? `${text} --profile ${shellWord(profile)}` : text;
  return text.replace(COMMAND_LINE, (line) => before + [line, ...more.map(shellWord)].join(' '));
}

/** The flags that lead to the same target, as they were typed. */
export function targetArguments(flags: TargetFlags): string[] {
  const { env, table, projectionTable, profile, region, endpointUrl } = flags;
  const typed = { env, table, projectionTable, profile, region, endpointUrl };
  return Object.entries(typed).flatMap(([name, value]) => (value ? [`--${flagName(name)}`, value] : []));
}

/** A terminal may change its width at any time. */
function screenOf(stream: OutputStream): Screen {
  return {
    get width() {
      return stream.isTTY ? stream.columns : undefined;
    },
    colorize: colorizeFor(stream),
  };
}
