import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { errorText } from '../text/error-text.ts';
import type { Notice } from './notice.ts';

/** Where notices go. */
export interface Bus {
  readonly client: Pick<EventBridgeClient, 'send'>;
  /** A bus of this account and region. */
  readonly name: string;
}

/** What became of notices: the bus has some, and the others are to be sent again. */
export interface Sending {
  readonly sent: readonly Notice[];
  /** Why it does not have the first of the others. */
  readonly fault: string | undefined;
}

/** What rules match as `source`. */
const EVENT_SOURCE = 'state-manager';

// A request takes ten entries: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html. An entry
// may have 256 KB, by other pages of AWS 1 MB; a notice has a few.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/events/CalculatePutEventsEntrySize.html
const ENTRIES_PER_REQUEST = 10;

/** Sends notices. Never throws: what the bus does not take is told, and what it took is never lost by that. */
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
 * An entry that fails keeps no other from being taken, and the request succeeds all the same: each result stands at the
 * place of its entry. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
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
