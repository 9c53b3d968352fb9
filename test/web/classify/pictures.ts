import type { Classification, Job } from '../../../web/api/answers.ts';
import type { Api } from '../../../web/api/client.ts';
import type { Findings, Picture, Step } from '../../../web/classify/picture.ts';

export const FINDINGS: Findings = {
  model: 'sample',
  predictions: [{ rank: 1, label: 'daisy', probability: 0.86 }],
  image: { width: 320, height: 360, format: 'jpeg', bytes: 11_398 },
  map: null,
  totalMs: 14,
  storedAs: null,
};

export const CLASSIFICATION: Classification = {
  model: FINDINGS.model,
  predictions: [...FINDINGS.predictions],
  image: FINDINGS.image,
  explanation: null,
  timings: { decode: 9, run: 5, total: 14 },
  escalated: null,
};

export function job(state: Job['state'], part: Partial<Job> = {}): Job {
  return { id: 'j1', state, model: 'heavy', result: null, reason: null, ...part };
}

export function heavyResult(label = 'oxeye daisy'): NonNullable<Job['result']> {
  return {
    model: 'heavy',
    predictions: [{ rank: 1, label, probability: 0.99 }],
    image: FINDINGS.image,
    explanation: null,
  };
}

export function picture(step: Step, id = 1): Picture {
  return { id, file: new File(['x'], `picture-${id}.jpg`), previewUrl: 'blob:none', step };
}

/** An API that answers only what a test says; all else is a mistake of the page. */
export function scriptedApi(part: Partial<Api>): Api {
  const unexpected = (): never => {
    throw new Error('not expected to be asked');
  };
  return {
    health: unexpected,
    models: unexpected,
    classify: unexpected,
    job: unexpected,
    images: unexpected,
    image: unexpected,
    createUpload: unexpected,
    ...part,
  };
}
