import * as z from 'zod';
import { flag, text, wholeNumber } from './parameters.ts';

export const DEFAULT_TOP = 5;
export const MAX_TOP = 1000;

const MAX_NAME_CHARACTERS = 255;

/** The query parameters of `POST /classify`. */
export const classifyQuerySchema = z.object({
  model: text(MAX_NAME_CHARACTERS).optional(),
  top: wholeNumber(1, MAX_TOP).default(DEFAULT_TOP),
  explain: flag().default(false),
});
