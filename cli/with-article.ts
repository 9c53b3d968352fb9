/** Names of concepts that take no article, by their last word. */
const WITHOUT_ARTICLE =
  /(?:wear|ware|\b(?:alcohol|apparel|armor|attire|bedclothes|bread|cattle|clothing|coffee|crockery|cutlery|drygoods|durables|equipment|fare|feed|fodder|food|furniture|goods|grain|hosiery|housing|jewelry|linen|litter|makeup|media|nutriment|padding|paper|produce|spectacles|starches|swine|tights|transport|wine))$/;

/** An initial that is spoken as a vowel: `an ungulate`, but `a uniform`. */
const VOWEL = /^(?:[aeio]|u(?!ni|ten|se))/i;

/** Puts the article before a concept's name: `a dog`, `an ape`; `food` has none. */
export function withArticle(name: string): string {
  if (WITHOUT_ARTICLE.test(name)) return name;
  return `${VOWEL.test(name) ? 'an' : 'a'} ${name}`;
}
