import type { GlobalSecondaryIndexDescription, TableDescription } from '@aws-sdk/client-dynamodb';
import { TRACKING_SCHEMA } from '../../shared/pipeline/record.ts';
import { hasPlaceholders } from '../../shared/settings/environment-settings.ts';
import { utcText } from '../../shared/text/time-text.ts';
import type { Asked } from './asked.ts';
import { type Check, check, type Judgement } from './check.ts';
import { judgeKey } from './keys.ts';

type Described = TableDescription | undefined;

/** A check of what one look at the pipeline's table shows. */
function tableCheck(
  name: string,
  judge: (table: TableDescription, asked: Asked) => Judgement,
  place?: 'aws',
): Check {
  return check<Described>({
    name,
    permission: 'dynamodb:DescribeTable',
    ...(place && { place }),
    read: (reading, asked) => reading.table(asked.trackingTable),
    judge: (table, asked) => (table ? judge(table, asked) : noTable(name, asked)),
  });
}

export const table = tableCheck('table', judgeTable);
export const statusIndex = tableCheck('status index', judgeIndex);
export const stream = tableCheck('stream', judgeStream);
export const tableKey = tableCheck(
  'table encryption',
  ({ SSEDescription: { KMSMasterKeyArn: key } = {} }, asked) =>
    judgeKey({ key, setting: 'tracking_table' }, asked),
  'aws',
);

/** Reported once, by the check of the table itself. */
function noTable(
  name: string,
  { settings, trackingTable, region, local, file, start, aws }: Asked,
): Judgement {
  if (settings.trackingTable.kind === 'new' && !local)
    return { level: 'later', found: `not deployed yet: the stack creates ${trackingTable}` };
  if (name !== 'table') return { level: 'unknown', found: `there is no table ${trackingTable}` };
  return {
    level: 'problem',
    found: `there is no table ${trackingTable} in ${region}`,
    remedy: local
      ? { say: 'Start the local system.', run: start }
      : {
          say: `Set tracking_table.stream_arn in ${file} to the stream of the pipeline's table. Existing tables:`,
          run: aws('dynamodb', 'list-tables'),
        },
  };
}

export function judgeTable(
  { TableStatus, TableName, ...table }: TableDescription,
  { file }: Asked,
): Judgement {
  const keys = keysText(table);
  if (keys !== keysOf(TRACKING_SCHEMA))
    return {
      level: 'problem',
      found: `${TableName} has the keys ${keys}, needed: ${keysOf(TRACKING_SCHEMA)}`,
      remedy: { say: `It is not the pipeline's table. Name that one in ${file}.` },
    };
  if (TableStatus !== 'ACTIVE' && TableStatus !== 'UPDATING')
    return {
      level: 'problem',
      found: `${TableName} is ${TableStatus}`,
      remedy: { say: 'Wait, or restore it.' },
    };
  return { level: 'ok', found: `${TableName}, with the keys ${keys}` };
}

interface Keyed {
  readonly KeySchema?: TableDescription['KeySchema'];
}

function keysText({ KeySchema = [] }: Keyed): string {
  const named = (type: string) => KeySchema.find(({ KeyType }) => KeyType === type)?.AttributeName ?? 'none';
  return `${named('HASH')}, ${named('RANGE')}`;
}

function keysOf({ partitionKey, sortKey }: { readonly partitionKey: string; readonly sortKey: string }) {
  return `${partitionKey}, ${sortKey}`;
}

export function judgeIndex({ GlobalSecondaryIndexes = [] }: TableDescription, asked: Asked): Judgement {
  const { status_index } = asked.settings.profile.records;
  const needed = keysOf(TRACKING_SCHEMA.statusIndex);
  const index = GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === status_index);
  if (!index || keysText(index) !== needed) {
    const other = GlobalSecondaryIndexes.find((each) => keysText(each) === needed)?.IndexName;
    const say = other
      ? `Set "pipeline": {"records": {"status_index": "${other}"}} in ${asked.file}.`
      : "The pipeline's own infrastructure has to create it; without it, files cannot be listed by status.";
    const found = index ? `has the keys ${keysText(index)}` : 'is missing';
    return { level: 'problem', found: `${status_index} ${found}, needed: ${needed}`, remedy: { say } };
  }
  return judgeIndexState(status_index, index);
}

function judgeIndexState(
  name: string,
  { Projection, IndexStatus, Backfilling }: GlobalSecondaryIndexDescription,
): Judgement {
  if (Projection?.ProjectionType !== 'ALL')
    return {
      level: 'problem',
      found: `${name} holds ${Projection?.ProjectionType ?? 'nothing'} of each record, needed: ALL`,
      remedy: { say: 'The pipeline must create it again, under another name, with all attributes.' },
    };
  if (IndexStatus === 'CREATING' || IndexStatus === 'DELETING' || Backfilling)
    return {
      level: 'problem',
      found: `${name} is ${IndexStatus}`,
      remedy: { say: 'Wait until it is ACTIVE: until then it does not hold all records.' },
    };
  return { level: 'ok', found: `${name}, with all attributes` };
}

export function judgeStream(
  { StreamSpecification, LatestStreamArn: latest, TableName = '' }: TableDescription,
  asked: Asked,
): Judgement {
  const { StreamEnabled = false, StreamViewType } = StreamSpecification ?? {};
  const switchOn = asked.aws(
    ...['dynamodb', 'update-table', '--table-name', TableName, '--stream-specification'],
    'StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES',
  );
  if (!StreamEnabled)
    return {
      level: 'problem',
      found: 'it is off',
      remedy: { say: "Switch it on here, and in the pipeline's own infrastructure too.", run: switchOn },
    };
  if (StreamViewType !== 'NEW_AND_OLD_IMAGES')
    return {
      level: 'problem',
      found: `it carries ${StreamViewType}, needed: NEW_AND_OLD_IMAGES`,
      remedy: {
        say: 'Switch it off (StreamEnabled=false), then on with this. Its current readers lose it.',
        run: switchOn,
      },
    };
  return judgeStreamArn(latest, asked);
}

function judgeStreamArn(latest: string | undefined, { settings, file, local }: Asked): Judgement {
  const { trackingTable: source } = settings;
  const ok: Judgement = {
    level: 'ok',
    found: `on, with new and old images, since ${sinceText(latest)}`,
  };
  if (local || source.kind === 'new' || source.streamArn === latest) return ok;
  const remedy = {
    say: `Put "tracking_table": {"stream_arn": "${latest}"} into ${file}, and deploy.`,
  };
  return {
    level: 'problem',
    found: hasPlaceholders(settings)
      ? 'the settings do not name it'
      : `it is ${latest}; the settings name another one, ${source.streamArn}`,
    remedy,
  };
}

/** A stream's label is the time of its creation in UTC, without a zone. */
function sinceText(streamArn = ''): string {
  const label = streamArn.split('/stream/')[1] ?? '';
  const time = `${label}Z`;
  return Number.isNaN(Date.parse(time)) ? label : utcText(time);
}

/** Without it nothing expires, and the table grows forever. */
export const timeToLive = check({
  name: 'time to live',
  place: 'aws',
  permission: 'dynamodb:DescribeTimeToLive',
  async read(reading, { trackingTable: TableName }) {
    if (!(await reading.table(TableName))) return undefined;
    const { DescribeTimeToLiveCommand, DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    const client = new DynamoDBClient(reading.client('DYNAMODB'));
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    const { AttributeName, TimeToLiveStatus } = TimeToLiveDescription ?? {};
    return {
      attribute: AttributeName,
      on: TimeToLiveStatus === 'ENABLED' || TimeToLiveStatus === 'ENABLING',
    };
  },
  judge: (facts, asked) => (facts ? judgeExpiry(facts, asked) : noTable('time to live', asked)),
});

export function judgeExpiry(
  { attribute, on }: { readonly attribute: string | undefined; readonly on: boolean },
  { aws, trackingTable }: Asked,
): Judgement {
  const { timeToLive: expected } = TRACKING_SCHEMA;
  if (on && attribute === expected) return { level: 'ok', found: `records expire by ${attribute}` };
  return {
    level: 'warning',
    found: on ? `records expire by ${attribute}, expected: ${expected}` : 'no record ever expires',
    remedy: {
      say: "Ask the pipeline's owner. If it should be on:",
      run: aws(
        ...['dynamodb', 'update-time-to-live', '--table-name', trackingTable],
        ...['--time-to-live-specification', `Enabled=true,AttributeName=${expected}`],
      ),
    },
  };
}
