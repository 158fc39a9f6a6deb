/**
 * Whether a record's `manifest_path` means a manifest. Writers store a bare key or a URI; people say either, or the name
 * alone.
 */
export function isInManifest(path: unknown, manifest: string): boolean {
  if (typeof path !== 'string') return false;
  const key = objectKeyOf(path);
  const wanted = objectKeyOf(manifest);
  return key === wanted || key.endsWith(`/${wanted}`);
}

function objectKeyOf(path: string): string {
  return path.replace(/^s3:\/\/[^/]+\//, '');
}
