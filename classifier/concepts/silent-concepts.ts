/**
 * Concepts of WordNet that tell a person nothing about a picture. They are never in an answer. Of
 * the 860 concepts above ImageNet's classes, these were chosen by reading all that stand above ten
 * classes or more, and all in the six uppermost levels.
 *
 * - Philosophy: what every picture shows, or a piece of it.
 * - Trade and botany: collective names that nobody uses for what they see.
 * - Zoology: names that few people know, each beside a well-known one for nearly the same classes
 *   (vertebrate, mammal, reptile).
 */
export const SILENT_CONCEPTS: ReadonlySet<string> = new Set([
  // Philosophy
  'n00001740', // entity
  'n00001930', // physical entity
  'n00002137', // abstraction
  'n00002684', // object
  'n00003553', // whole
  'n00004258', // living thing
  'n00004475', // organism
  'n00007347', // causal agent
  'n00019128', // natural object
  'n00019613', // substance
  'n00020090', // substance
  'n00020827', // matter
  'n00024264', // attribute
  'n00027167', // location
  'n00027807', // shape
  'n00031921', // relation
  'n00033020', // communication
  'n03892891', // part
  'n03932203', // piece
  'n08620061', // point
  'n13809207', // part
  'n14580897', // material
  'n14778436', // agent
  'n14939900', // fluid
  'n15046900', // solid
  // Trade and botany
  'n00021939', // artifact
  'n00022903', // article
  'n03076708', // commodity
  'n03093574', // consumer goods
  'n03122748', // covering
  'n03129123', // creation
  'n03575240', // instrumentality
  'n04007894', // product
  'n11675842', // reproductive structure
  'n13086908', // plant part
  'n13087625', // plant organ
  // Zoology
  'n01466257', // chordate
  'n01661818', // diapsid
  'n01886756', // placental
]);
