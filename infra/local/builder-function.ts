import { randomUUID } from 'node:crypto';
import { LOCAL_BUILDER } from '../../shared/aws/local-machine.ts';
import { errorText } from '../../shared/text/error-text.ts';
import type { Invocable } from '../local-lambda/invoke-api.ts';

/** A pipeline on this machine whose builder can be woken. */
export interface Wakeable {
  /** @param event in the form of the builder's queue */
  wake(event: unknown): Promise<unknown>;
}

/** The pipeline's builder as a function of the local Lambda API, once there is a pipeline that has one. */
export interface BuilderFunction extends Invocable {
  /** Passes events on to this pipeline from now on. */
  connect(pipeline: Wakeable): void;
}

/** A simulated pipeline, as far as an event concerns it. */
interface Simulated {
  wake(date?: string): void;
  redrive(objectKey: string): void;
}

/** A pipeline that takes the objects that an event names, if it does not know them, and files of their date. */
export function wakenByDate({ wake, redrive }: Simulated): Wakeable {
  return {
    async wake(event) {
      const keys = keysIn(event);
      for (const key of keys) redrive(decodeURIComponent(key.replaceAll('+', ' ')));
      const date = /\d{4}-\d{2}-\d{2}/.exec(keys.join(' '))?.[0];
      wake(date);
      return { woken_for: date ?? 'every date' };
    },
  };
}

function keysIn(event: unknown): string[] {
  const { Records = [] } = event as { Records?: { body?: string }[] };
  return Records.flatMap(({ body = '{}' }) => JSON.parse(body).Records ?? []).map(
    (record: { s3?: { object?: { key?: string } } }) => record.s3?.object?.key ?? '',
  );
}

export function builderFunction(): BuilderFunction {
  let pipeline: Wakeable | undefined;
  return {
    name: LOCAL_BUILDER,
    connect: (connected) => {
      pipeline = connected;
    },
    async invoke(event) {
      const told = { requestId: randomUUID(), logTail: '' };
      try {
        if (!pipeline) throw new Error('No simulated pipeline is running, so there is no builder to wake.');
        return { ...told, payload: (await pipeline.wake(event)) ?? null };
      } catch (error) {
        const payload = { errorType: 'Error', errorMessage: errorText(error) };
        return { ...told, payload, functionError: 'Unhandled' };
      }
    },
  };
}
