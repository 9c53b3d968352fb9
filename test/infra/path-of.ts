/**
 * Returns the path of a resource in the construct tree, without `Default`, which is no part of any
 * name in the template either.
 */
export function pathOf({ Metadata }: { readonly Metadata?: { readonly 'aws:cdk:path'?: string } }): string {
  return (Metadata?.['aws:cdk:path'] ?? '').replace('/Default/', '/');
}
