import { ask, operationDeps } from '../support/operations.ts';
import { idOfFile, type KnownFile, type Told } from './rules.ts';
import type { Scene } from './scene.ts';

/** What an operator did about a file. */
export interface Fixed {
  readonly atMillis: number;
  readonly status: string;
  readonly why: string;
  readonly times: number;
}

/** Fixes what is reported, by doing what the answers recommend. */
export interface Operator {
  readonly fixed: ReadonlyMap<string, Fixed>;
  fix(file: KnownFile, now: number): Promise<void>;
  fixIssue(file: KnownFile, issue: Told, now: number): Promise<void>;
}

interface Explained {
  readonly recommended_change: string;
  readonly needs_force: boolean;
  readonly commands: readonly string[];
  readonly kind: string | null;
  readonly verdict: string;
  readonly next_request: ChangeRequest | null;
}

interface ChangeRequest {
  readonly new_status: string;
  readonly [field: string]: unknown;
}

export function createOperator({ aws, profile, pipeline }: Scene): Operator {
  const fixed = new Map<string, Fixed>();
  const deps = (now: number) => ({ ...operationDeps(aws, now), profile });
  const note = (file: KnownFile, status: string, why: string, atMillis: number) => {
    const times = (fixed.get(idOfFile(file))?.times ?? 0) + 1;
    fixed.set(idOfFile(file), { atMillis, status, why, times });
  };
  const send = async (request: ChangeRequest, file: KnownFile, now: number, why: string) => {
    const answer = await ask(deps(now), { ...request, dry_run: false });
    if (answer.error)
      throw new Error(`${idOfFile(file)}: ${JSON.stringify(request)} is refused: ${JSON.stringify(answer)}`);
    note(file, request.new_status, why, now);
    if (request.new_status === 'pending') pipeline.wake(file.date);
  };
  return {
    fixed,
    async fix(file, now) {
      const { date: date_prefix, key: file_key } = file;
      const answer = await ask(deps(now), { operation: 'explain_file', date_prefix, file_key });
      const explained = answer as unknown as Explained;
      const arn = explained.commands.flatMap((command) => STOP.exec(command)?.[1] ?? [])[0];
      if (arn !== undefined && isBusy(file)) pipeline.stop(arn);
      // Who insists has looked at the execution before: whether it still runs, or has succeeded.
      const isAtRisk = isConverted(file) || (isBusy(file) && arn === undefined);
      if (explained.next_request && !(explained.needs_force && isAtRisk))
        await send(explained.next_request, file, now, explained.verdict);
      else if (explained.kind === 'stuck_in_pending') pipeline.wake(date_prefix);
    },
    async fixIssue(file, { kind, change }, now) {
      const { date: date_prefix, key: file_key, objectKey } = file;
      const update = (new_status: string, force: boolean) =>
        send(
          { operation: 'update_state', date_prefix, file_key, new_status, force } as const,
          file,
          now,
          change,
        );
      if (kind === 'missing_in_db' && objectKey) {
        // Half of them by the queue's dead letters, and half by another upload.
        if (objectKey.length % 2 === 0 || !objectKey.includes(date_prefix)) pipeline.upload(objectKey);
        else pipeline.redrive(objectKey);
        note(file, 'uploaded', change, now);
      }
      if (kind === 'uploaded_again') await update('pending', change.includes('--force'));
      if (kind === 'missing_in_s3' && file.status === 'pending') await update('failed', false);
    },
  };
}

const STOP = /^aws stepfunctions stop-execution --execution-arn (\S+)/;

function isBusy({ stranded }: KnownFile): boolean {
  return stranded?.by === 'job_hung' || stranded?.by === 'job_timed_out';
}

function isConverted({ conversions, uploads }: KnownFile): boolean {
  return conversions.some(({ upload }) => upload === uploads.length);
}
