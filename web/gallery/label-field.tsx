import { useEffect, useState } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import type { Api } from '../api/client.ts';
import { pause } from '../api/poll.ts';
import { countOf } from '../format.ts';

type Suggestion = Wire.LabelList['labels'][number];

interface LabelFieldProps {
  readonly api: Pick<Api, 'labels'>;
  readonly value: string;
  readonly onInput: (text: string) => void;
  /** Called with the label of a suggestion that was chosen. */
  readonly onChoose: (label: string) => void;
}

/** Whoever types quickly asks for the last word only. */
const TYPING_PAUSE_MS = 120;

const SYNONYMS_SHOWN = 3;

/**
 * A text field that suggests labels and concepts: a combobox as in the ARIA Authoring Practices.
 * The arrows move through the suggestions, Enter chooses one, Escape closes them.
 */
export function LabelField({ api, value, onInput, onChoose }: LabelFieldProps) {
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const suggestions = useSuggestions(api, value, isOpen);
  const shows = isOpen && suggestions.length > 0;
  const close = () => {
    setIsOpen(false);
    setActive(-1);
  };
  const choose = ({ label }: Suggestion) => {
    close();
    onInput(label);
    onChoose(label);
  };
  const move = (step: number) => {
    setIsOpen(true);
    // One place more than there are suggestions: in the field itself none is active.
    const places = suggestions.length + 1;
    setActive((old) => ((old + 1 + step + places) % places) - 1);
  };
  const press = (event: KeyboardEvent) => {
    const chosen = shows ? suggestions[active] : undefined;
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter' && chosen !== undefined) choose(chosen);
    else if (event.key === 'Enter')
      return close(); // and the form is sent
    else if (event.key === 'Escape' && shows) close();
    else if (event.key === 'Escape') onInput('');
    else return;
    event.preventDefault();
  };
  return (
    <div class="field label-field">
      <label for="label">Label</label>
      <input
        class="input"
        id="label"
        type="text"
        role="combobox"
        aria-expanded={shows}
        aria-controls="label-suggestions"
        aria-autocomplete="list"
        {...(shows && active >= 0 ? { 'aria-activedescendant': optionId(active) } : {})}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        enterkeyhint="search"
        placeholder="all pictures"
        maxLength={2000}
        value={value}
        onInput={({ currentTarget }) => {
          setIsOpen(true);
          setActive(-1);
          onInput(currentTarget.value);
        }}
        onClick={() => setIsOpen(true)}
        onBlur={close}
        onKeyDown={press}
      />
      <div class="suggestions" id="label-suggestions" role="listbox" aria-label="Labels" hidden={!shows}>
        {suggestions.map((suggestion, index) => (
          <Option
            key={suggestion.id ?? suggestion.label}
            id={optionId(index)}
            suggestion={suggestion}
            isActive={index === active}
            onChoose={() => choose(suggestion)}
          />
        ))}
      </div>
      <span class="unseen" aria-live="polite">
        {shows ? `${countOf(suggestions.length, 'suggestion')}.` : ''}
      </span>
    </div>
  );
}

interface OptionProps {
  readonly id: string;
  readonly suggestion: Suggestion;
  readonly isActive: boolean;
  readonly onChoose: () => void;
}

function Option({ id, suggestion: { label, synonyms, kind }, isActive, onChoose }: OptionProps) {
  const others = synonyms.filter((synonym) => synonym !== label).slice(0, SYNONYMS_SHOWN);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus, and names the active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
    <div
      class="suggestion"
      id={id}
      role="option"
      aria-selected={isActive}
      ref={(item) => {
        if (isActive) item?.scrollIntoView({ block: 'nearest' });
      }}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      <span>{label}</span>
      {kind === 'concept' && <span class="badge">group</span>}
      {others.length > 0 && <span class="soft">{others.join(', ')}</span>}
    </div>
  );
}

function optionId(index: number): string {
  return `label-suggestion-${index}`;
}

/**
 * Asks for suggestions while the field is open. Without an answer there are none: a search works
 * without them, and says itself what is wrong.
 */
function useSuggestions(api: Pick<Api, 'labels'>, text: string, isWanted: boolean): readonly Suggestion[] {
  const [suggestions, setSuggestions] = useState<readonly Suggestion[]>([]);
  const query = text.trim();
  useEffect(() => {
    if (!isWanted) return;
    const ending = new AbortController();
    const { signal } = ending;
    pause(TYPING_PAUSE_MS, signal)
      .then(() => api.labels(query, signal))
      .then(
        ({ labels }) => setSuggestions(labels),
        () => {
          if (!signal.aborted) setSuggestions([]);
        },
      );
    return () => ending.abort();
  }, [api, query, isWanted]);
  return suggestions;
}
