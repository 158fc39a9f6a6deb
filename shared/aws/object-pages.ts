import {
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';

/**
 * The pages of a listing, of which some may be empty. An answer that says that there is more, but not where, or where this
 * page began, is an error: it would otherwise be taken for the end, or asked for again for ever.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 *
 * @throws Error for such an answer
 */
export async function* objectPages(
  s3: S3Client,
  request: ListObjectsV2CommandInput,
): AsyncGenerator<ListObjectsV2CommandOutput, void> {
  for (let token: string | undefined; ; ) {
    const page = await s3.send(new ListObjectsV2Command({ ...request, ContinuationToken: token }));
    yield page;
    if (!page.IsTruncated) return;
    const next = page.NextContinuationToken;
    if (!next || next === token)
      throw new Error(
        `S3 does not say where the listing of s3://${request.Bucket}/${request.Prefix ?? ''} goes on, although there is more.`,
      );
    token = next;
  }
}

/** The first page of a listing that has objects; an empty one, if none has any. */
export async function filledPage(
  s3: S3Client,
  request: ListObjectsV2CommandInput,
): Promise<Pick<ListObjectsV2CommandOutput, 'Contents' | 'EncodingType' | 'IsTruncated'>> {
  for await (const page of objectPages(s3, request)) {
    if (page.Contents && page.Contents.length > 0) return page;
  }
  return {};
}
