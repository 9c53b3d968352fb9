export { prettifyError, union } from 'zod/mini';
export * from '../../functions/wire.ts';
