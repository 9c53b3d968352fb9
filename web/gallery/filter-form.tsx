import { useEffect, useState } from 'preact/hooks';
import type { Api } from '../api/client.ts';
import { EVERY_PICTURE, type GalleryFilter, galleryHash, replaceHash } from '../view.ts';
import { LabelField } from './label-field.tsx';

interface FilterFormProps {
  readonly api: Pick<Api, 'labels'>;
  readonly filter: GalleryFilter;
  /** Number of pictures that the search has found so far; null while that is not known. */
  readonly found: number | null;
}

/** The filter form. The filter is part of the address, so it can be linked, and Back undoes it. */
export function FilterForm({ api, filter, found }: FilterFormProps) {
  const [label, setLabel] = useState(filter.label);
  const [minProbability, setMinProbability] = useState(filter.minProbability);
  useEffect(() => {
    setLabel(filter.label);
    setMinProbability(filter.minProbability);
  }, [filter.label, filter.minProbability]);
  const show = (chosen: string) => {
    location.hash = galleryHash({ label: chosen.trim(), minProbability });
  };
  return (
    <search>
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault();
          show(label);
        }}
      >
        <LabelField api={api} value={label} onInput={setLabel} onChoose={show} />
        <div class="field">
          <label for="cut-off">Confidence cut-off: {formatCutOff(minProbability)}</label>
          <input
            class="range"
            id="cut-off"
            type="range"
            min="0"
            max="1"
            step="0.05"
            value={minProbability}
            disabled={filter.label === ''}
            aria-valuetext={formatCutOff(minProbability)}
            aria-describedby="cut-off-effect"
            onInput={({ currentTarget }) => setMinProbability(Number(currentTarget.value))}
            onChange={({ currentTarget }) =>
              replaceHash(galleryHash({ ...filter, minProbability: Number(currentTarget.value) }))
            }
          />
        </div>
        <div class="filter-buttons">
          <button type="submit" class="button button-main">
            Search
          </button>
          {filter.label !== '' && (
            <a class="button" href={galleryHash(EVERY_PICTURE)}>
              Show all
            </a>
          )}
        </div>
        <p class="filter-effect soft" id="cut-off-effect">
          {effectOf(filter.label, minProbability, found)}
        </p>
      </form>
    </search>
  );
}

/** Says what the cut-off does at its present place. */
function effectOf(label: string, minProbability: number, found: number | null): string {
  if (label === '') return 'The cut-off hides pictures whose label is unsure. Choose a label first.';
  if (minProbability === 0 && found === null) return 'Hides nothing.';
  if (minProbability === 0 && found === 0) return 'The cut-off hides no picture, because none was found.';
  if (minProbability === 0)
    return `Hides nothing: every picture found for “${label}” is here, also where the model is unsure.`;
  return `Pictures are hidden if the model is less than ${formatCutOff(minProbability)} sure of “${label}”.`;
}

function formatCutOff(minProbability: number): string {
  return `${Math.round(minProbability * 100)}%`;
}
