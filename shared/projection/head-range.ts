/** Some keys of a date: those after one, up to and with another. */
interface HeadRange {
  /** Empty: from the beginning. */
  readonly after: string;
  /** Undefined: to the end. */
  readonly until?: string | undefined;
}

/** The condition of a query for the heads of a partition in a range; it may bring the one with the key `after`, too. */
export function headKeyCondition(pk: string, { after, until }: HeadRange) {
  const bound = until === undefined ? 'sk > :after' : 'sk BETWEEN :after AND :until';
  const isBound = after !== '' || until !== undefined;
  return {
    KeyConditionExpression: `pk = :pk${isBound ? ` AND ${bound}` : ''}`,
    ExpressionAttributeValues: {
      ':pk': pk,
      // A sort key is never empty, and a space comes before whatever else is in use.
      ...(isBound && { ':after': after || ' ' }),
      ...(until !== undefined && { ':until': until }),
    },
  };
}
