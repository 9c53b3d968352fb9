import type * as Wire from '../../../functions/wire.ts';
import type { Api } from '../../../web/api/client.ts';
import type { Findings, Picture, Step } from '../../../web/classify/picture.ts';

export const TIME = '2026-11-25T20:00:00.000Z';

export const CLASSIFICATION: Wire.Classification = {
  model: 'sample',
  knows: null,
  predictions: [prediction('daisy', 0.86)],
  concepts: [],
  concept: { id: 'n11669921', label: 'flower', probability: 0.97 },
  image: { width: 320, height: 360, format: 'jpeg', bytes: 11_398 },
  explanation: null,
  timings: { decode: 9, run: 5, total: 14 },
  escalated: null,
};

/** What the page makes of {@link CLASSIFICATION}. */
export const FINDINGS: Findings = {
  model: CLASSIFICATION.model,
  predictions: CLASSIFICATION.predictions,
  concept: CLASSIFICATION.concept,
  image: CLASSIFICATION.image,
  map: null,
  totalMs: 14,
  storedAs: null,
  answer: CLASSIFICATION,
};

/** The best prediction. */
export function prediction(label: string, probability: number): Wire.Prediction {
  return { rank: 1, label, wnid: null, index: 985, probability };
}

export function job(state: Wire.Job['state'], part: Partial<Wire.Job> = {}): Wire.Job {
  return { id: 'j1', state, model: 'heavy', createdAt: TIME, updatedAt: TIME, result: null, reason: null, ...part };
}

export function heavyResult(label = 'oxeye daisy'): NonNullable<Wire.Job['result']> {
  return {
    model: 'heavy',
    predictions: [prediction(label, 0.99)],
    concepts: [],
    concept: null,
    image: FINDINGS.image,
    explanation: null,
  };
}

export function picture(step: Step, id = 1): Picture {
  return {
    id,
    file: new File(['x'], `picture-${id}.jpg`),
    previewUrl: 'blob:none',
    exampleUrl: null,
    options: { model: null, explain: true },
    step,
  };
}

/** An API that answers only what a test defines. Any other call is a bug of the page. */
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
    thumbnail: unexpected,
    labels: unexpected,
    createUpload: unexpected,
    ...part,
  };
}
