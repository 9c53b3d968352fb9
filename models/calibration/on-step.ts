/**
 * Receives how far the work is after each image: what is done with it, such as `comparing with
 * fp32`, how many are done, and how many there are.
 */
export type OnStep = (step: string, done: number, total: number) => void;
