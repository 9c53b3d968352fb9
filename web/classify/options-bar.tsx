import type * as Wire from '../../functions/wire.ts';
import { formatMillions } from '../format.ts';
import { type Store, useStore } from '../store.ts';
import type { Options } from './picture.ts';

interface OptionsBarProps {
  readonly options: Store<Options>;
  readonly models: Wire.ModelList;
}

/** Value of `model` with which the small model answers, and the heavy one if that is unsure. */
export const AUTO = 'auto';

/** Options for the pictures that are added next. */
export function OptionsBar({ options, models }: OptionsBarProps) {
  const { model, explain } = useStore(options);
  const chosen = model ?? models.default;
  return (
    <div class="options">
      <label class="field">
        Model
        <select
          class="select"
          value={chosen}
          onChange={({ currentTarget }) => options.update((old) => ({ ...old, model: currentTarget.value }))}
        >
          {models.models.map(({ name, runs }) => (
            <option key={name} value={name}>
              {name}
              {runs === 'queued' ? ' (heavy model, answers later)' : ''}
            </option>
          ))}
          {models.auto && <option value={AUTO}>auto: small model first, heavy model if unsure</option>}
        </select>
      </label>
      <label class="switch">
        <input
          type="checkbox"
          checked={explain}
          onChange={({ currentTarget }) => options.update((old) => ({ ...old, explain: currentTarget.checked }))}
        />
        Map of where it looks
      </label>
      <p class="model-note soft">{noteOn(models.models.find(({ name }) => name === chosen))}</p>
    </div>
  );
}

function noteOn(model: Wire.Model | undefined): string {
  if (model === undefined) return 'If the small model is not sure, the heavy model looks at the picture, too.';
  const { parameters, precision, publishedTop1, license } = model;
  return [
    parameters === null ? null : `${formatMillions(parameters)} parameters`,
    precision,
    publishedTop1 === null ? null : `${publishedTop1}% top-1 accuracy on ImageNet (published)`,
    license === null ? null : `Licence: ${license}`,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}
