/** Actions that a function needs to tag an object, or one version of an object. */
export const TAGGING_ACTIONS = [
  's3:GetObjectTagging',
  's3:GetObjectVersionTagging',
  's3:PutObjectTagging',
  's3:PutObjectVersionTagging',
] as const;
