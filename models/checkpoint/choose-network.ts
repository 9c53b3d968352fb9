import type { CheckpointFile } from './checkpoint-file.ts';
import { AmbiguousCheckpointError, UnsafeCheckpointError, UnsupportedCheckpointError } from './errors.ts';
import { findPrefixes, namesUnder } from './name-prefix.ts';
import { PickleUnknown, quote } from './pickle-values.ts';
import type { StoredTensor } from './read-tensor.ts';
import { SameTensors } from './same-tensors.ts';
import { findDicts, locate, type SavedDict, type SavedObject } from './saved-object.ts';
import { describeKeys, readStateDict } from './state-dict.ts';
import { TensorRef } from './torch-globals.ts';

/** Which of several networks in a checkpoint is meant. */
export interface NetworkChoice {
  /**
   * Where its state dict is: keys, joined with dots, such as `model_ema` or `nets.0.state_dict`;
   * '' is the top level. Default: anywhere, if there is only one.
   */
  readonly key?: string | undefined;
  /**
   * What is before its names, such as `encoder.`; '' is nothing. Default: found out, if there is
   * only one.
   */
  readonly prefix?: string | undefined;
}

/** The tensors of one network, by the names that the network gives them. */
export interface ChosenNetwork {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Says which part of the file they are, for messages; '' when they are all of it. */
  readonly part: string;
}

interface Network extends SavedDict {
  readonly prefix: string;
  /** The longer prefixes of other networks in the same dictionary, which are not of this one. */
  readonly others: readonly string[];
}

/** How many networks are compared with each other. If there are more, they count as different. */
const MAX_COMPARED = 16;
const MAX_LISTED = 8;

/** Names that only tensors of such a network have. */
const NEEDED = /^(conv1|bn1|layer\d+|fc)\./;

/**
 * Finds the network in a checkpoint: the one dictionary and prefix P for which P + `conv1.weight`
 * and P + `layer1.0.conv1.weight` exist. Networks with equal tensors count as one. If there is
 * none, the tensors of a state dict are returned as they are; reading them as a network says what
 * is wrong.
 * @param onWarning receives what is left out although it may belong to the network
 * @throws {AmbiguousCheckpointError} listing several networks that differ
 * @throws {UnsupportedCheckpointError} when there are no tensors, or none as `choice` asks for
 * @throws {UnsafeCheckpointError} when a tensor of the network is among what was left out
 */
export async function chooseNetwork(
  saved: SavedObject,
  choice: NetworkChoice,
  file: CheckpointFile,
  onWarning: (text: string) => void,
): Promise<ChosenNetwork> {
  const dicts = findDicts(saved.root);
  const asked = choice.key === undefined ? dicts : dicts.filter(({ key }) => key === choice.key);
  if (choice.key !== undefined && asked.length === 0) throw noSuchKey(choice.key, dicts, file);
  const networks = asked.flatMap(networksIn).filter(({ prefix }) => isAsked(prefix, choice.prefix));
  const [network] = networks.length > 1 ? await withoutCopies(networks, saved, file) : networks;
  if (network === undefined) return readStateDict(saved, { ...choice, dicts: asked, all: dicts }, file);
  const tensors = tensorsOf(network, saved, file);
  warnOfOthers(network, onWarning);
  const [where, prefix] = [network.key && `under ${quote(network.key)}`, network.prefix];
  const before = prefix && `its names without ${quote(prefix)}`;
  return { tensors, part: [where, before].filter(Boolean).join(', ') };
}

function networksIn(saved: SavedDict): Network[] {
  const prefixes = findPrefixes(saved.dict);
  // Looking for the prefixes inside each other takes the square of their number.
  const compared = prefixes.length > MAX_COMPARED ? [] : prefixes;
  return prefixes.map((prefix) => ({
    ...saved,
    prefix,
    others: compared.filter((other) => other.length > prefix.length && other.startsWith(prefix)),
  }));
}

function isAsked(prefix: string, asked: string | undefined): boolean {
  return asked === undefined || prefix === asked || prefix === `${asked}.`;
}

/** Returns the only network there is, apart from copies with equal tensors. */
async function withoutCopies(networks: Network[], saved: SavedObject, file: CheckpointFile): Promise<Network[]> {
  if (networks.length > MAX_COMPARED) throw severalNetworks(networks, file);
  const same = new SameTensors(file);
  const different: Network[] = [];
  const tensors = new Map(networks.map((network) => [network, tensorsOf(network, saved, file)]));
  for (const network of networks) {
    const isCopy = async (other: Network) =>
      same.compare(tensors.get(network) ?? new Map(), tensors.get(other) ?? new Map());
    let found = false;
    for (const other of different) found ||= await isCopy(other);
    if (!found) different.push(network);
  }
  if (different.length > 1) throw severalNetworks(different, file);
  return different;
}

/** Returns the tensors of a network by its own names. */
function tensorsOf(network: Network, saved: SavedObject, file: CheckpointFile): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, value] of namesUnder(network.dict, network.prefix, network.others)) {
    if (value instanceof PickleUnknown && NEEDED.test(name)) {
      throw new UnsafeCheckpointError(
        `checkpoint ${file.path}: tensor ${quote(`${network.prefix}${name}`)} needs ${value.description}, which --skip-objects leaves out, so the network is not complete. Nothing was executed. If you trust the file, load it in PyTorch and save it again with torch.save(model.state_dict(), path).`,
      );
    }
    if (value instanceof TensorRef) tensors.set(name, locate(name, value, saved));
  }
  return tensors;
}

/** Names the weights beside a network with a prefix. Counters cannot matter. */
function warnOfOthers({ dict, prefix, others }: Network, onWarning: (text: string) => void): void {
  const prefixes = [prefix, ...others, ...findPrefixes(dict)];
  if (prefixes.includes('')) return;
  const left = [...dict.entries].filter(
    ([name, value]) =>
      value instanceof TensorRef &&
      value.root.dtype.includes('float') &&
      !prefixes.some((each) => String(name).startsWith(each)),
  );
  if (left.length === 0) return;
  const shown = left.slice(0, MAX_LISTED).map(([name]) => quote(String(name)));
  const rest = left.length > MAX_LISTED ? ` and ${left.length - MAX_LISTED} more` : '';
  onWarning(
    `the network is under the names that begin with ${quote(prefix)}; the other tensors are left out: ${shown.join(', ')}${rest}`,
  );
}

function noSuchKey(key: string, dicts: readonly SavedDict[], file: CheckpointFile): UnsupportedCheckpointError {
  const found = dicts.length === 0 ? 'no tensors at all' : `tensors under ${describeKeys(dicts)}`;
  return new UnsupportedCheckpointError(
    `checkpoint ${file.path} has no dictionary with tensors under the key ${quote(key)}; it has ${found}. Give one of these to --key, or leave it out.`,
  );
}

function severalNetworks(networks: readonly Network[], file: CheckpointFile): AmbiguousCheckpointError {
  const [first] = networks;
  const byPrefix = networks.every(({ key }) => key === first?.key);
  const options = [...new Set(networks.map(({ key, prefix }) => (byPrefix ? prefix : key)))];
  const option = byPrefix ? '--prefix' : '--key';
  const listed = options.slice(0, MAX_LISTED).map(quote).join(', ');
  const rest = options.length > MAX_LISTED ? ` and ${options.length - MAX_LISTED} more` : '';
  const example = options.find((each) => each !== '') ?? '';
  return new AmbiguousCheckpointError(
    `checkpoint ${file.path} has several networks that differ, ${byPrefix ? 'with names that begin with' : 'under the keys'} ${listed}${rest}${options.includes('') ? ` ("" is ${byPrefix ? 'no prefix' : 'the top level'})` : ''}. Choose one with ${option}, for example ${option} ${quote(example)}.`,
  );
}
