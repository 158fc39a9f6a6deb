import { paginateScan } from '@aws-sdk/lib-dynamodb';
import type { LocalAws } from '../support/local-aws.ts';

/** The attributes of each kind of item in the projection table, by the first word of its key. */
export async function storedAttributes({ documents, projectionTable }: LocalAws) {
  const kinds = new Map<string, Set<string>>();
  for await (const { Items = [] } of paginateScan({ client: documents }, { TableName: projectionTable })) {
    for (const { pk, sk, ...attributes } of Items) {
      const kind = sk === 'health' || sk === 'samples' ? sk : String(pk).replace(/#.*/, '');
      kinds.set(kind, new Set([...(kinds.get(kind) ?? []), ...Object.keys(attributes)]));
    }
  }
  return kinds;
}

/** The attributes that a table of the documentation does not name; `file_…` stands for all names that begin with it. */
export function undocumented(text: string, kinds: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return [...kinds].flatMap(([kind, attributes]) => {
    const row = rows.find((line) => new RegExp(`\`${kind}[#\`]`).test(line));
    if (!row) return [kind];
    const names = [...row.matchAll(/`([a-z_A-Z]+)(…?)`/g)];
    const isNamed = (attribute: string) =>
      names.some(([, name = '', more]) => (more ? attribute.startsWith(name) : attribute === name));
    return [...attributes].filter((attribute) => !isNamed(attribute)).map((each) => `${kind}: ${each}`);
  });
}
