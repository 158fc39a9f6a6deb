import type { EnvironmentFile } from './environment-schema.ts';
import { accountIn, regionIn, settingsOf, tableArnOf, tableNameIn } from './environment-settings.ts';

/** What is wrong with a value, where it stands. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  /** What is allowed, or what to do. */
  readonly message: string;
}

const LONGEST_BUCKET = 63;
const LONGEST_FUNCTION = 64;
/** The part with the longest name. */
const LONGEST_PART = 'projection-rebuild';

/** What values contradict one another, each of them right by itself. Pure. */
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
    value === undefined ? [] : [{ path, message: 'allowed: nothing, local is the system on this machine' }],
  );
}

function tableProblems({ tracking_table }: EnvironmentFile): Problem[] {
  const { create, name, table_arn, stream_arn } = tracking_table;
  const problem = (property: string, message: string) => [{ path: ['tracking_table', property], message }];
  if (create && (table_arn || stream_arn))
    return problem('create', 'allowed: false, for a table that exists is named by its ARN');
  if (table_arn && !stream_arn)
    return problem('stream_arn', `allowed: ${table_arn}/stream/LABEL, since table_arn names that table`);
  if (table_arn && !stream_arn?.startsWith(`${table_arn}/stream/`))
    return problem('stream_arn', `allowed: ${table_arn}/stream/LABEL, as table_arn says`);
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

/** A key is where that is which it encrypts, and a table's key is given to CloudFormation with its region. */
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
 * CloudWatch tells topics of its own region alone. One of another account would have to allow the alarms and the role
 * that tells of their ends, which cannot be seen from here.
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
            message: `name it, for its default ${deadLetterBucket} is longer than ${LONGEST_BUCKET} characters`,
          },
        ]
      : []),
    ...(longest > LONGEST_FUNCTION
      ? [
          {
            path: ['names', 'functions'],
            message: `allowed: ${longest - LONGEST_FUNCTION} characters less, for a name of a function has ${LONGEST_FUNCTION} at most`,
          },
        ]
      : []),
  ];
}

function outletProblems({ outlet: { bus, create } }: EnvironmentFile): Problem[] {
  const path = ['outlet', 'bus'];
  if (!create) return [];
  if (bus === undefined) return [{ path, message: 'allowed: the name of the bus that is to be created' }];
  return bus === 'default' || bus.startsWith('aws.')
    ? [{ path, message: 'allowed: another name, that of a bus of AWS cannot be created' }]
    : [];
}
