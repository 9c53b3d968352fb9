import * as z from 'zod';
import { messageOf } from '../classifier/message-of.ts';

/** What the output of a function means to the person who runs the local stack. */
export type FunctionReport =
  | {
      readonly kind: 'tagged';
      readonly key: string;
      readonly label: string;
      readonly confidence: number;
      readonly ms: number;
    }
  | { readonly kind: 'rejected' | 'failed'; readonly key: string; readonly reason: string; readonly ms: number }
  | { readonly kind: 'deleted'; readonly key: string }
  /** A job of the heavy model has finished, with or without an answer. */
  | { readonly kind: 'job'; readonly id: string; readonly text: string; readonly ms: number }
  | { readonly kind: 'forwarded'; readonly key: string; readonly model: string }
  /** The stack does something that takes a while. */
  | { readonly kind: 'notice'; readonly text: string }
  /**
   * An attempt will be repeated, a model cannot be opened, or a library wrote something (a
   * warning).
   */
  | { readonly kind: 'fault'; readonly level: 'error' | 'warning'; readonly key: string | null; readonly text: string };

const lineSchema = z.looseObject({ level: z.string(), message: z.string() });
const about = { key: z.string(), ms: z.number() };
const taggedSchema = z.object({ ...about, label: z.string(), confidence: z.number() });
const refusedSchema = z.object({ ...about, reason: z.object({ message: z.string() }) });
const deletedSchema = z.object({ key: z.string() });
const forwardedSchema = z.object({ key: z.string(), model: z.string() });
const jobSchema = z.object({
  jobId: z.string(),
  state: z.string(),
  ms: z.number(),
  label: z.string().optional(),
  confidence: z.number().optional(),
  reason: z.object({ message: z.string() }).optional(),
});
const faultSchema = z.object({
  level: z.enum(['WARN', 'ERROR', 'CRITICAL']),
  message: z.string(),
  key: z.string().optional(),
  error: z.union([z.string(), z.object({ message: z.string() })]).optional(),
});

/**
 * Reads one line of a function's output: a line of its structured log, or a line that a library
 * wrote. Returns null if there is nothing to report.
 */
export function readFunctionLine(line: string): FunctionReport | null {
  if (line.trim() === '') return null;
  const parsed = lineSchema.safeParse(toJson(line));
  if (!parsed.success) return { kind: 'fault', level: 'warning', key: null, text: line };
  const { message } = parsed.data;
  const state = message.replace(/^image /, '');
  if (state === 'tagged') return report(taggedSchema, parsed.data, (facts) => ({ kind: state, ...facts }));
  if (state === 'rejected' || state === 'failed') {
    return report(refusedSchema, parsed.data, ({ reason, ...facts }) => ({
      kind: state,
      ...facts,
      reason: reason.message,
    }));
  }
  if (state === 'deleted') return report(deletedSchema, parsed.data, ({ key }) => ({ kind: state, key }));
  if (state === 'forwarded') return report(forwardedSchema, parsed.data, (facts) => ({ kind: state, ...facts }));
  if (message.startsWith('job ')) return report(jobSchema, parsed.data, toJobReport);
  return report(faultSchema, parsed.data, ({ level, key = null, error }) => {
    const detail = typeof error === 'object' ? error.message : error;
    return {
      kind: 'fault',
      level: level === 'WARN' ? 'warning' : 'error',
      key,
      text: detail === undefined ? message : `${message}: ${detail}`,
    };
  });
}

/** Makes a report of a fault of the stack itself. */
export function toFault(error: unknown): FunctionReport {
  return { kind: 'fault', level: 'error', key: null, text: messageOf(error) };
}

function toJobReport({ jobId, state, ms, label, confidence = 0, reason }: z.output<typeof jobSchema>): FunctionReport {
  const text = reason === undefined ? `${label} ${confidence.toFixed(3)}` : `${state}: ${reason.message}`;
  return { kind: 'job', id: jobId, text, ms };
}

function report<Facts>(
  schema: z.ZodType<Facts>,
  line: unknown,
  tell: (facts: Facts) => FunctionReport,
): FunctionReport | null {
  const parsed = schema.safeParse(line);
  return parsed.success ? tell(parsed.data) : null;
}

function toJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
