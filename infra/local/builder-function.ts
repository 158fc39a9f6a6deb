import { randomUUID } from 'node:crypto';
import { LOCAL_BUILDER } from '../../shared/aws/local-machine.ts';
import { errorText } from '../../shared/text/error-text.ts';
import type { Invocable } from '../local-lambda/invoke-api.ts';

/** A pipeline on this machine whose builder can be woken. */
export interface Wakeable {
  /** @param event as the builder's queue would hand it over */
  wake(event: unknown): Promise<unknown>;
}

/** The pipeline's builder as a function of the local Lambda API, once there is a pipeline that has one. */
export interface BuilderFunction extends Invocable {
  /** Hands events on to this pipeline from now on. */
  connect(pipeline: Wakeable): void;
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
        if (!pipeline) throw new Error('No simulated pipeline runs here, so there is no builder to wake.');
        return { ...told, payload: (await pipeline.wake(event)) ?? null };
      } catch (error) {
        const payload = { errorType: 'Error', errorMessage: errorText(error) };
        return { ...told, payload, functionError: 'Unhandled' };
      }
    },
  };
}
