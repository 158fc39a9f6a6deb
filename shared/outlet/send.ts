import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { errorText } from '../text/error-text.ts';
import type { Notice } from './notice.ts';

/** Where notices go. */
export interface Bus {
  readonly client: Pick<EventBridgeClient, 'send'>;
  /** A bus of this account and region. */
  readonly name: string;
}

/** The result of sending: the bus accepted some notices, and the others must be sent again. */
export interface Sending {
  readonly sent: readonly Notice[];
  /** Why it did not accept the first of the others. */
  readonly fault: string | undefined;
}

/** The `source` that rules match. */
const EVENT_SOURCE = 'state-manager';

// A request takes up to ten entries: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html. An entry
// may have 256 KB, or 1 MB according to other AWS pages; a notice has a few KB.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/events/CalculatePutEventsEntrySize.html
const ENTRIES_PER_REQUEST = 10;

/** Sends notices. Never throws: it reports what the bus did not accept, without losing track of what it did accept. */
export async function sendNotices(bus: Bus, notices: readonly Notice[]): Promise<Sending> {
  const sent: Notice[] = [];
  let fault: string | undefined;
  for (let from = 0; from < notices.length; from += ENTRIES_PER_REQUEST) {
    const part = notices.slice(from, from + ENTRIES_PER_REQUEST);
    const sending = await sendPart(bus, part).catch((error: unknown) => ({
      sent: [],
      fault: errorText(error),
    }));
    sent.push(...sending.sent);
    fault ??= sending.fault;
  }
  return { sent, fault };
}

/**
 * A failed entry does not stop the others from being accepted, and the request still succeeds: each result is at the
 * position of its entry. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 */
async function sendPart({ client, name }: Bus, notices: readonly Notice[]): Promise<Sending> {
  const Entries = notices.map((notice) => ({
    EventBusName: name,
    Source: EVENT_SOURCE,
    DetailType: notice.type,
    Detail: JSON.stringify(notice),
    Time: new Date(notice.at),
  }));
  const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries }));
  const failed = results.find(({ EventId }) => EventId === undefined);
  return {
    sent: notices.filter((_, i) => results[i]?.EventId !== undefined),
    fault: failed && `${failed.ErrorCode}: ${failed.ErrorMessage}`,
  };
}
