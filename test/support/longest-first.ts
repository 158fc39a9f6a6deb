import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that take longest, most of it waiting for processes: begun last, one of them would run on alone. */
const LONGEST = [
  'docs/handbook-commands.long',
  'field/sixty-days.long',
  'faults/local-system.long',
  'faults/slow-s3.long',
  'infra/deployed-functions.long',
  'infra/local/page-views.long',
  'infra/local/page.long',
  'infra/template',
  'infra/local/system.long',
];

/** Begins with the longest tests, also where no earlier run has told how long they take. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const longest = LONGEST.flatMap((name) => sorted.filter((file) => isTest(file, name)));
    return [...longest, ...sorted.filter((file) => !longest.includes(file))];
  }
}

function isTest({ moduleId }: TestSpecification, name: string): boolean {
  return moduleId.endsWith(`/test/${name}.test.ts`);
}
