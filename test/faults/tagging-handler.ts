/** The tagging function, whose process says who it is, so that a plan can kill it. */
export { handler } from '../../functions/tag-upload/handler.ts';

process.stdout.write(`${JSON.stringify({ pid: process.pid })}\n`);
