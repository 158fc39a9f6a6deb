/**
 * Whether a record's `manifest_path` means the given manifest. Writers store a bare key or a URI; people give either,
 * or only the name.
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
