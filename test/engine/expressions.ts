export type Attributes = Record<string, unknown>;

/** What a write says in DynamoDB's language of expressions. */
export interface Expressions {
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Attributes;
}

/**
 * Whether a condition holds. Understands `attribute_not_exists(a)`, `a = :a`, `a < :a`, joined by AND, where each may be
 * several in brackets, joined by OR.
 *
 * @throws when the condition says anything else
 */
export function isMet(write: Expressions, seen: Attributes | undefined): boolean {
  const { ConditionExpression: condition } = write;
  if (condition === undefined) return true;
  return condition.split(' AND ').every((part) =>
    part
      .replace(/^\((.* OR .*)\)$/, '$1')
      .split(' OR ')
      .some((term) => holds(term, write, seen)),
  );
}

function holds(term: string, write: Expressions, seen: Attributes = {}): boolean {
  const absent = /^attribute_not_exists\(([#\w]+)\)$/.exec(term);
  if (absent) return seen[nameOf(absent[1], write)] === undefined;
  const compared = /^([#\w]+) ([=<]) (:\w+)$/.exec(term);
  if (!compared) throw new Error(`This table knows no condition "${term}".`);
  const [is, than] = [seen[nameOf(compared[1], write)], write.ExpressionAttributeValues?.[compared[3] ?? '']];
  return compared[2] === '=' ? is === than : is !== undefined && Number(is) < Number(than);
}

/** An item after an update. Understands `SET a = :a, b = :b REMOVE c, d ADD e :e, f :f`, each part being optional. */
export function updated(write: Expressions, seen: Attributes): Attributes {
  const next = { ...seen };
  const parts = write.UpdateExpression?.split(/(?:^| )(?=SET |REMOVE |ADD )/) ?? [];
  for (const part of parts.filter(Boolean)) {
    const [verb = '', ...rest] = part.split(' ');
    for (const term of rest.join(' ').split(', ')) change(next, verb, term, write);
  }
  return next;
}

function change(item: Attributes, verb: string, term: string, write: Expressions): void {
  const [first, last = ''] = term.split(/ = | /);
  const name = nameOf(first, write);
  const value = write.ExpressionAttributeValues?.[last];
  if (verb === 'SET') item[name] = value;
  if (verb === 'REMOVE') delete item[name];
  if (verb === 'ADD') item[name] = Number(item[name] ?? 0) + Number(value);
}

function nameOf(written = '', { ExpressionAttributeNames = {} }: Expressions): string {
  return ExpressionAttributeNames[written] ?? written;
}
