import { useEffect, useState } from 'preact/hooks';
import { formatProbability } from '../format.ts';
import { type GalleryFilter, galleryHash } from '../view.ts';

interface FilterFormProps {
  readonly filter: GalleryFilter;
  /** Labels that are suggested while typing. */
  readonly labels: readonly string[];
}

/** The filter form. The filter is part of the address, so it can be linked, and Back undoes it. */
export function FilterForm({ filter, labels }: FilterFormProps) {
  const [label, setLabel] = useState(filter.label);
  const [minProbability, setMinProbability] = useState(filter.minProbability);
  useEffect(() => {
    setLabel(filter.label);
    setMinProbability(filter.minProbability);
  }, [filter.label, filter.minProbability]);
  return (
    <search>
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault();
          location.hash = galleryHash({ label: label.trim(), minProbability });
        }}
      >
        <label class="field">
          Label
          <input
            class="input"
            type="search"
            list="labels"
            autocomplete="off"
            placeholder="all pictures"
            maxLength={2000}
            value={label}
            onInput={({ currentTarget }) => setLabel(currentTarget.value)}
          />
        </label>
        <datalist id="labels">
          {labels.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <label class="field">
          At least {minProbability === 0 ? '0%' : formatProbability(minProbability)} sure
          <input
            class="range"
            type="range"
            min="0"
            max="1"
            step="0.05"
            value={minProbability}
            disabled={label.trim() === ''}
            onInput={({ currentTarget }) => setMinProbability(Number(currentTarget.value))}
          />
        </label>
        <div class="filter-buttons">
          <button type="submit" class="button button-main">
            Show
          </button>
          {filter.label !== '' && (
            <a class="button" href={galleryHash({ label: '', minProbability: 0 })}>
              Show all
            </a>
          )}
        </div>
      </form>
    </search>
  );
}
