import type { EnvironmentFile } from './environment-schema.ts';
import { accountIn, regionIn, settingsOf, tableArnOf, tableNameIn } from './environment-settings.ts';

/** What is wrong with a value, and where it is. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  /** What is allowed, or what to do. */
  readonly message: string;
}

const LONGEST_BUCKET = 63;
const LONGEST_FUNCTION = 64;
/** The part with the longest name. */
const LONGEST_PART = 'projection-rebuild';

/** Contradictions between values that are each valid by themselves. Pure. */
export function contradictions(environment: string, file: EnvironmentFile): Problem[] {
  return environment === 'local'
    ? notLocal(file)
    : [
        ...tableProblems(file),
        ...placeProblems(file),
        ...keyProblems(environment, file),
        ...topicProblems(environment, file),
        ...nameProblems(environment, file),
        ...outletProblems(file),
      ];
}

/** The system on one machine has no account, and creates its table. */
function notLocal({ account, region, tracking_table }: EnvironmentFile): Problem[] {
  const { stream_arn, table_arn } = tracking_table;
  const given: readonly (readonly [readonly string[], string | undefined])[] = [
    [['account'], account],
    [['region'], region],
    [['tracking_table', 'stream_arn'], stream_arn],
    [['tracking_table', 'table_arn'], table_arn],
  ];
  return given.flatMap(([path, value]) =>
    value === undefined
      ? []
      : [{ path, message: 'allowed: nothing, since local is the system on this machine' }],
  );
}

function tableProblems({ tracking_table }: EnvironmentFile): Problem[] {
  const { create, name, table_arn, stream_arn } = tracking_table;
  const problem = (property: string, message: string) => [{ path: ['tracking_table', property], message }];
  if (create && (table_arn || stream_arn))
    return problem('create', 'allowed: false, since the ARN names a table that exists');
  if (table_arn && !stream_arn)
    return problem('stream_arn', `allowed: ${table_arn}/stream/LABEL, since table_arn names that table`);
  if (table_arn && !stream_arn?.startsWith(`${table_arn}/stream/`))
    return problem('stream_arn', `allowed: ${table_arn}/stream/LABEL, to match table_arn`);
  const named = table_arn ?? stream_arn?.split('/stream/')[0];
  if (name !== undefined && named && tableNameIn(named) !== name)
    return problem('name', `allowed: ${tableNameIn(named)} as in the ARN, or nothing`);
  return [];
}

function placeProblems(file: EnvironmentFile): Problem[] {
  const arn = tableArnOf(file);
  if (arn === undefined) return [];
  const differs = (property: 'account' | 'region', named: string) =>
    file[property] !== undefined && file[property] !== named
      ? [{ path: [property], message: `allowed: ${named}, where the tracking table is, or nothing` }]
      : [];
  return [...differs('account', accountIn(arn)), ...differs('region', regionIn(arn))];
}

/** A key is in the region of what it encrypts, and CloudFormation gets a table's key with its region. */
function keyProblems(environment: string, file: EnvironmentFile): Problem[] {
  const { region } = settingsOf(environment, file);
  return Object.entries(file.kms_keys).flatMap(([name, keyArn]) => {
    if (keyArn === undefined || regionIn(keyArn) === region) return [];
    return region === undefined
      ? [{ path: ['region'], message: `allowed: ${regionIn(keyArn)}, where the key of kms_keys.${name} is` }]
      : [{ path: ['kms_keys', name], message: `allowed: the ARN of a KMS key in ${region}` }];
  });
}

/**
 * CloudWatch notifies only topics of its own region. A topic of another account would have to allow the alarms and the
 * role that reports when they end, which cannot be seen from here.
 */
function topicProblems(environment: string, file: EnvironmentFile): Problem[] {
  const { topic_arn: arn } = file.alarms;
  if (arn === undefined) return [];
  const { account, region } = settingsOf(environment, file);
  const elsewhere =
    (region !== undefined && regionIn(arn) !== region) ||
    (account !== undefined && accountIn(arn) !== account);
  if (!elsewhere) return [];
  const place = [region && `region ${region}`, account && `account ${account}`].filter(Boolean).join(' and ');
  return [
    {
      path: ['alarms', 'topic_arn'],
      message: `allowed: the ARN of a topic in ${place}, where the alarms of ${environment} are`,
    },
  ];
}

function nameProblems(environment: string, file: EnvironmentFile): Problem[] {
  const { deadLetterBucket, functionPrefix } = settingsOf(environment, file).names;
  const longest = `${functionPrefix}-${LONGEST_PART}-${environment}`.length;
  return [
    ...(deadLetterBucket.length > LONGEST_BUCKET
      ? [
          {
            path: ['buckets', 'dead_letters'],
            message: `allowed: a name of your own, since the default ${deadLetterBucket} is longer than ${LONGEST_BUCKET} characters`,
          },
        ]
      : []),
    ...(longest > LONGEST_FUNCTION
      ? [
          {
            path: ['names', 'functions'],
            message: `allowed: ${longest - LONGEST_FUNCTION} characters less, since the name of a function has at most ${LONGEST_FUNCTION}`,
          },
        ]
      : []),
  ];
}

function outletProblems({ outlet: { bus, create } }: EnvironmentFile): Problem[] {
  const path = ['outlet', 'bus'];
  if (!create) return [];
  if (bus === undefined) return [{ path, message: 'allowed: the name of the bus to create' }];
  return bus === 'default' || bus.startsWith('aws.')
    ? [{ path, message: "allowed: another name, since a bus with one of AWS's names cannot be created" }]
    : [];
}
