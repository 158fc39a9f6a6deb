import { once } from 'node:events';

/** Standard output, for text in any amount. */
export interface Sink {
  /** Resolves when more can be taken: memory stays flat however slow the reader is. */
  write(text: string): Promise<void>;
  /** Hands on at once what was written, so that it comes before what is said elsewhere. */
  handOn(): void;
  /** Resolves when everything written has left this process. */
  flush(): Promise<void>;
  /** Aborted when nothing can be handed on any more: the reader is gone, as after `| head`, or the disk is full. */
  readonly closed: AbortSignal;
  /** Why nothing can be handed on, unless the reader is just gone. */
  fault(): Error | undefined;
}

const CHUNK = 65_536;

/**
 * Gathers small pieces of text into chunks, and hands on what there is whenever the process waits for
 * something else, so that the first line does not wait for the last.
 */
export function sinkOf(stream: NodeJS.WriteStream): Sink {
  const gone = new AbortController();
  let waiting = '';
  let fault: Error | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') fault ??= error;
    gone.abort();
  });
  const handOn = (): boolean => {
    const text = waiting;
    waiting = '';
    return text === '' || gone.signal.aborted || stream.write(text);
  };
  const drained = () =>
    once(stream, 'drain', { signal: gone.signal }).then(
      () => undefined,
      () => undefined,
    );
  return {
    async write(text) {
      if (waiting === '') setImmediate(handOn);
      waiting += text;
      if (waiting.length >= CHUNK && !handOn()) await drained();
    },
    handOn: () => void handOn(),
    async flush() {
      if (!handOn()) await drained();
      // A fault of the last write is told a moment after it.
      await new Promise((resolve) => setImmediate(resolve));
    },
    closed: gone.signal,
    fault: () => fault,
  };
}
