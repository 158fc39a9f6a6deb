import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import type { BenchDatabase } from './bench-system.ts';
import { capacityMeter } from './capacity-meter.ts';
import { type ReadQuestion, readQuestions } from './read-questions.ts';

const WAYS = ['operation', 'paging', 'onePage'] as const;

/** The cost of one way of answering a question. */
export interface ReadCost {
  readonly files: number;
  readonly question: string;
  readonly way: (typeof WAYS)[number];
  readonly answered: number;
  readonly complete: boolean;
  readonly requests: number;
  readonly readUnits: number;
  readonly millis: number;
}

/**
 * Answers every question with the service's operation and as a script would, on the same table.
 *
 * @throws Error if the answer of the service, or of the script that reads all pages, is wrong
 */
export async function measureReadOperations(database: BenchDatabase, files: number): Promise<ReadCost[]> {
  const client = database.newClient();
  const meter = capacityMeter(client);
  const costs: ReadCost[] = [];
  for (const question of readQuestions(dynamoDbDocuments(client), database.s3, files)) {
    for (const way of WAYS) {
      const ask = question[way]?.bind(question);
      if (!ask) continue;
      // The first call opens connections and compiles code; it is not measured.
      await ask();
      meter.reset();
      const begun = performance.now();
      const answered = await ask();
      const millis = performance.now() - begun;
      const { requests, units } = meter.read();
      const complete = isComplete(question, way, answered);
      costs.push({
        files,
        question: question.name,
        way,
        answered,
        complete,
        requests,
        readUnits: units,
        millis,
      });
    }
  }
  return costs;
}

function isComplete({ name, right }: ReadQuestion, way: ReadCost['way'], answered: number): boolean {
  if (answered === right) return true;
  if (way === 'onePage') return false;
  throw new Error(`${name}: ${way} answered with ${answered} files, and there are ${right}`);
}
