import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { clientSettings } from './client-settings.ts';
import { REQUEST_TIMEOUTS } from './clients.ts';
import type { Variables } from './process-environment.ts';

/** A client that sends events. */
export function eventBridge(variables: Variables = process.env): EventBridgeClient {
  return new EventBridgeClient({
    ...clientSettings(variables, 'EVENTBRIDGE'),
    maxAttempts: 4,
    requestHandler: REQUEST_TIMEOUTS,
  });
}
