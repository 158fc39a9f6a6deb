import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Engine } from '../engine/engine.ts';
import type { Turnstile } from './turnstile.ts';

/** Where schedules run: a projection table in a real DynamoDB Local, shared by many of them. */
export interface Ground {
  readonly dynamoDb: DynamoDBClient;
  readonly table: string;
}

/** What one run of a schedule has for its own. */
export interface World extends Ground {
  readonly turnstile: Turnstile;
  /** Stands before the database, and refuses what the real one would refuse. */
  readonly engine: Engine;
  /** From here on the table has all the capacity that anybody wants. */
  calm(): void;
  /** The objects of the dead letter bucket. */
  readonly letters: Map<string, string>;
  /** Every call in turn, with what befell it. */
  readonly trace: string[];
  /** Counts what really happened, by its name. */
  readonly tally: Tally;
}

/** How often things happened, over many runs. */
export interface Tally {
  add(name: string, count?: number): void;
  of(name: string): number;
  all(): ReadonlyMap<string, number>;
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  const of = (name: string) => counts.get(name) ?? 0;
  return {
    add: (name, count = 1) => void counts.set(name, of(name) + count),
    of,
    all: () => counts,
  };
}
