import { partName } from '../../shared/aws/deployment-names.ts';
import type { Monitoring } from '../../shared/aws/monitoring.ts';
import { countOf } from '../../shared/text/number-text.ts';
import { durationText } from '../../shared/text/time-text.ts';
import type { Asked } from './asked.ts';
import { check, type Judgement } from './check.ts';
import { readSchedules, type ScheduleState, scheduledOf } from './names.ts';
import type { Reading } from './reading.ts';

/** Whether the schedules exist and are enabled. */
export const schedules = check({
  name: 'schedules',
  place: 'aws',
  deployed: true,
  permission: 'scheduler:ListSchedules',
  read: readSchedules,
  judge: judgeSchedules,
});

function judgeSchedules(found: readonly ScheduleState[], { settings, deploy }: Asked): Judgement {
  const names = scheduledOf(settings).map((part) => partName(part, settings));
  if (names.length === 0)
    return { level: 'ok', found: 'none, as the settings say: sweeps and audits are started by hand' };
  const off = names.filter((name) => !found.some((each) => each.name === name && each.enabled));
  if (off.length === 0) return { level: 'ok', found: `${countOf(names.length, 'schedule')}, all enabled` };
  return {
    level: 'problem',
    found: `missing or disabled: ${off.join(', ')}`,
    remedy: { say: 'Deploy again, which enables the schedules of the settings.', run: deploy },
  };
}

/** Who is notified of alarms. */
export const subscriptions = check({
  name: 'subscriptions',
  place: 'aws',
  deployed: true,
  permission: 'sns:ListSubscriptionsByTopic',
  read: readSubscriptions,
  judge: judgeSubscriptions,
});

interface TopicFacts {
  readonly topic: string | undefined;
  readonly subscriptions: readonly SubscriptionState[];
}

export interface SubscriptionState {
  readonly protocol: string;
  /** An address, or an ARN. */
  readonly endpoint: string;
  readonly pending: boolean;
}

async function readSubscriptions(reading: Reading, { settings }: Asked): Promise<TopicFacts> {
  const stack = await reading.stack();
  const own = stack?.resources.find(({ type }) => type === 'AWS::SNS::Topic')?.id;
  const topic = settings.alarmTopicArn ?? own;
  if (topic === undefined) return { topic, subscriptions: [] };
  const { paginateListSubscriptionsByTopic, SNSClient } = await import('@aws-sdk/client-sns');
  const client = new SNSClient(reading.client('SNS'));
  const subscriptions: SubscriptionState[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
    { client },
    { TopicArn: topic },
  )) {
    // It has no ARN before it is confirmed: https://docs.aws.amazon.com/sns/latest/api/API_Subscription.html
    for (const { Protocol: protocol = '', Endpoint: endpoint = '', SubscriptionArn } of Subscriptions)
      subscriptions.push({ protocol, endpoint, pending: SubscriptionArn === 'PendingConfirmation' });
  }
  return { topic, subscriptions };
}

export function judgeSubscriptions({ topic, subscriptions }: TopicFacts, asked: Asked): Judgement {
  const { aws, deploy, file, settings } = asked;
  if (topic === undefined)
    return { level: 'problem', found: 'there is no topic', remedy: { say: 'Deploy again.', run: deploy } };
  const listed = (some: readonly string[]) => some.join(', ');
  const endpoints = subscriptions.map(({ endpoint }) => endpoint);
  const unconfirmed = subscriptions.filter((each) => each.pending);
  const pending = unconfirmed.map(({ endpoint }) => endpoint);
  const missing = settings.alarmEmails.filter((email) => !endpoints.includes(email));
  const [next] = [...missing, ...pending];
  if (next !== undefined) {
    const found = [
      ...(missing.length > 0 ? [`not subscribed, though in the settings: ${listed(missing)}`] : []),
      ...(pending.length > 0 ? [`not confirmed yet: ${listed(pending)}`] : []),
    ].join('; ');
    const protocol = unconfirmed.find(({ endpoint }) => endpoint === next)?.protocol ?? 'email';
    const words = ['sns', 'subscribe', '--topic-arn', topic, '--protocol', protocol];
    const run = aws(...words, '--notification-endpoint', next);
    return {
      level: 'problem',
      found,
      remedy: { say: 'Each address gets a message with a link to confirm it. To send it again:', run },
    };
  }
  if (subscriptions.length > 0) return { level: 'ok', found: listed(endpoints) };
  return {
    level: 'warning',
    found: `nobody is notified of alarms: ${topic} has no subscription`,
    remedy: { say: `Put addresses into alarms.emails in ${file}, and deploy.`, run: deploy },
  };
}

/** The present state of the alarms. */
export const alarms = check({
  name: 'alarms',
  place: 'aws',
  deployed: true,
  permission: 'cloudwatch:DescribeAlarms',
  read: (reading) => reading.monitoring(),
  judge: judgeAlarms,
});

export function judgeAlarms({ alarms: all }: Pick<Monitoring, 'alarms'>, asked: Asked): Judgement {
  if (all.length === 0)
    return {
      level: 'problem',
      found: 'there are no alarms',
      remedy: { say: 'Deploy again.', run: asked.deploy },
    };
  const names = (those: Monitoring['alarms']) => those.map(({ name }) => name).join(', ');
  const ringing = all.filter(({ state }) => state === 'ALARM');
  const silent = all.filter((alarm) => alarm.silent);
  const young = all.filter((alarm) => alarm.young);
  if (ringing.length + silent.length === 0 && young.length > 0)
    return { level: 'later', found: `no data yet for ${names(young)}; check again in 15 minutes` };
  if (ringing.length + silent.length === 0)
    return { level: 'ok', found: `${countOf(all.length, 'alarm')}, none in alarm` };
  return {
    level: 'problem',
    found: [
      ...(ringing.length > 0 ? [`in alarm: ${names(ringing)}`] : []),
      ...(silent.length > 0 ? [`without any data: ${names(silent)}`] : []),
    ].join('; '),
    remedy: {
      say: 'docs/handbook.md has a section for each. To see what is going on:',
      run: asked.runbook('watch', '--count', '1'),
    },
  };
}

const HOUR_SECONDS = 3_600;
/** Half of the time that the stream keeps records; the alarm `records-at-risk` goes off then. */
const RISK_HOURS = 12;

/** The age of the records that the consumer reads: it distinguishes a quiet night from a consumer that is behind. */
export const lag = check({
  name: 'consumer lag',
  place: 'aws',
  deployed: true,
  permission: 'cloudwatch:GetMetricStatistics',
  read: (reading) => reading.monitoring(),
  judge: judgeLag,
});

function judgeLag(
  { iterator_age_seconds: seconds }: Pick<Monitoring, 'iterator_age_seconds'>,
  { runbook }: Asked,
): Judgement {
  if (seconds === undefined) return { level: 'ok', found: 'nothing was read in the last 15 minutes' };
  const found = `it reads records that are ${durationText(seconds * 1_000)} old`;
  if (seconds < HOUR_SECONDS) return { level: 'ok', found };
  return {
    level: seconds < RISK_HOURS * HOUR_SECONDS ? 'warning' : 'problem',
    found,
    remedy: {
      say: 'See docs/handbook.md, "Iterator age grows". To see whether it catches up:',
      run: runbook('watch'),
    },
  };
}
