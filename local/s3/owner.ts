/** The one account here: it owns every bucket, object and upload. */
export const OWNER = { ID: 'autoswiftnet', DisplayName: 'autoswiftnet' } as const;
