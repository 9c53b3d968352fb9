/** Processors that Lambda has, in npm's words. */
export const ARCHITECTURES = ['arm64', 'x64'] as const;

export type Architecture = (typeof ARCHITECTURES)[number];
