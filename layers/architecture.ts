/** The processor architectures of Lambda, by npm's names. */
export const ARCHITECTURES = ['arm64', 'x64'] as const;

export type Architecture = (typeof ARCHITECTURES)[number];
