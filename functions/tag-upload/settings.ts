import { taggingEnvironmentSchema } from '../tagging/settings.ts';

/** The variables of this function. */
export const tagUploadEnvironmentSchema = taggingEnvironmentSchema;
