/** A range of a date's keys: after one key, up to and including another. */
interface HeadRange {
  /** Empty for the beginning. */
  readonly after: string;
  /** Undefined for the end. */
  readonly until?: string | undefined;
}

/** The condition of a query for the heads of a partition in a range; the result may include the key `after` itself. */
export function headKeyCondition(pk: string, { after, until }: HeadRange) {
  const bound = until === undefined ? 'sk > :after' : 'sk BETWEEN :after AND :until';
  const isBound = after !== '' || until !== undefined;
  return {
    KeyConditionExpression: `pk = :pk${isBound ? ` AND ${bound}` : ''}`,
    ExpressionAttributeValues: {
      ':pk': pk,
      // A sort key is never empty, and a space sorts before everything else in use.
      ...(isBound && { ':after': after || ' ' }),
      ...(until !== undefined && { ':until': until }),
    },
  };
}
