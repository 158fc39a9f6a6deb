import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { type MappingState, reasonsForBlindness, type StreamState } from '../../shared/aws/stream-health.ts';
import { countOf } from '../../shared/text/number-text.ts';
import type { Asked } from './asked.ts';
import { check, type Judgement } from './check.ts';
import { insteadOf, type Reading } from './reading.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html: two readers of a shard at most. */
const MOST_READERS = 2;

/** How many functions read the stream, including ours, which may not exist yet. */
export const readers = check({
  name: 'stream readers',
  place: 'aws',
  permission: 'lambda:ListEventSourceMappings',
  async read(reading, { trackingTable }) {
    const table = await reading.table(trackingTable);
    const EventSourceArn = table?.LatestStreamArn;
    if (EventSourceArn === undefined) return undefined;
    const found = await readMappings(reading, { EventSourceArn });
    return found.map(({ FunctionArn = 'unknown' }) => FunctionArn.split(':')[6] ?? FunctionArn);
  },
  judge: judgeReaders,
});

function judgeReaders(names: readonly string[] | undefined, asked: Asked): Judgement {
  const { consumerFunction } = asked.settings.names;
  if (names === undefined) return { level: 'later', found: 'there is no stream yet' };
  const others = names.filter((name) => name !== consumerFunction);
  const all = [...others, consumerFunction];
  const ours = names.includes(consumerFunction) ? '' : ' (not deployed yet)';
  const found = `${countOf(all.length, 'function')}: ${all.join(', ')}${ours}`;
  if (all.length <= MOST_READERS) return { level: 'ok', found };
  return {
    level: 'problem',
    found: `${found}; reads are throttled with more than ${MOST_READERS}`,
    remedy: {
      say: 'Let one of them feed another, or remove one from the stream. To list them:',
      run: asked.aws('lambda', 'list-event-source-mappings', '--query', MAPPINGS),
    },
  };
}

const MAPPINGS = 'EventSourceMappings[].[UUID,FunctionArn,EventSourceArn]';

/** Whether what happens in the tracking table reaches the consumer. */
export const mapping = check({
  name: 'stream mapping',
  place: 'aws',
  deployed: true,
  permission: 'lambda:ListEventSourceMappings',
  async read(reading, { settings, trackingTable }) {
    const FunctionName = settings.names.consumerFunction;
    const [[found], table] = await Promise.all([
      readMappings(reading, { FunctionName }),
      reading.table(trackingTable),
    ]);
    return { id: found?.UUID, mapping: found && stateOf(found), stream: table && streamOf(table) };
  },
  judge: judgeMapping,
});

function stateOf(found: EventSourceMappingConfiguration): MappingState {
  return { state: found.State, lastResult: found.LastProcessingResult, streamArn: found.EventSourceArn };
}

function streamOf(table: NonNullable<Awaited<ReturnType<Reading['table']>>>): StreamState {
  return {
    enabled: table.StreamSpecification?.StreamEnabled === true,
    latestArn: table.LatestStreamArn,
  };
}

interface MappingFacts {
  readonly id: string | undefined;
  readonly mapping: MappingState | undefined;
  readonly stream: StreamState | undefined;
}

function judgeMapping({ id, mapping, stream }: MappingFacts, { aws, deploy }: Asked): Judgement {
  const reasons = reasonsForBlindness(mapping, stream);
  if (reasons.length === 0)
    return {
      level: 'ok',
      found: `${mapping?.state ?? 'there'}, last result: ${mapping?.lastResult ?? 'none yet'}`,
    };
  const disabled = /^Disabl/.test(mapping?.state ?? '');
  const found = reasons.join(' ').replace(/\.$/, '');
  if (disabled && id !== undefined)
    return {
      level: 'problem',
      found,
      remedy: {
        say: 'Enable it.',
        run: aws('lambda', 'update-event-source-mapping', '--uuid', id, '--enabled'),
      },
    };
  const say = mapping
    ? 'docs/handbook.md, "The projection is blind", says what to do. If the table has a new stream:'
    : 'Deploy again; if that changes nothing, check the events of the stack.';
  return { level: 'problem', found, remedy: { say, run: deploy } };
}

async function readMappings(
  reading: Reading,
  of: { readonly EventSourceArn: string } | { readonly FunctionName: string },
): Promise<EventSourceMappingConfiguration[]> {
  const { LambdaClient, paginateListEventSourceMappings } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(reading.client('LAMBDA'));
  const found: EventSourceMappingConfiguration[] = [];
  try {
    for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings({ client }, of))
      found.push(...EventSourceMappings);
    return found;
  } catch (error) {
    // There is no such function.
    return insteadOf(error, /^ResourceNotFoundException/, []);
  }
}
