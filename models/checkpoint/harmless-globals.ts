import {
  PickleBytes,
  PickleDict,
  PickleGlobal,
  PickleInert,
  PickleList,
  type PickleObject,
  type PickleValue,
} from './pickle-values.ts';
import { TORCH_GLOBALS } from './torch-globals.ts';

type Make = (args: readonly PickleValue[]) => PickleObject;

/** Classes that become dictionaries, because a state dict may be in one. */
const DICTIONARIES: Readonly<Record<string, readonly string[]>> = {
  builtins: ['dict'],
  collections: ['defaultdict', 'Counter'],
  'pytorch_lightning.utilities.parsing': ['AttributeDict'],
  'lightning.pytorch.utilities.parsing': ['AttributeDict'],
  'lightning_fabric.utilities.data': ['AttributeDict'],
  'lightning.fabric.utilities.data': ['AttributeDict'],
  'addict.addict': ['Dict'],
  easydict: ['EasyDict'],
  'fvcore.common.config': ['CfgNode'],
  'detectron2.config.config': ['CfgNode'],
  'yacs.config': ['CfgNode'],
  'mmcv.utils.config': ['ConfigDict'],
  'mmengine.config.config': ['ConfigDict'],
  munch: ['Munch'],
};

/** Classes that become lists. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  builtins: ['list'],
  collections: ['deque'],
};

const NUMPY_TYPES =
  'bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 longlong intc str_ bytes_';
const NUMPY_RANDOM = '__randomstate_ctor __generator_ctor __bit_generator_ctor';
const PATHS = 'Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath';

/** Classes and functions whose results nothing here needs, by module. */
const INERT: Readonly<Record<string, string>> = {
  argparse: 'Namespace',
  builtins: 'set frozenset complex range xrange slice int long float bool str unicode bytes tuple object',
  datetime: 'datetime date time timedelta timezone',
  decimal: 'Decimal',
  fractions: 'Fraction',
  pathlib: PATHS,
  'pathlib._local': PATHS,
  types: 'SimpleNamespace',
  typing: 'Any',
  uuid: 'UUID',
  numpy: `ndarray dtype ${NUMPY_TYPES}`,
  'numpy.core.multiarray': 'scalar _reconstruct',
  'numpy._core.multiarray': 'scalar _reconstruct',
  'numpy.core.numeric': '_frombuffer',
  'numpy._core.numeric': '_frombuffer',
  'numpy.random': NUMPY_RANDOM,
  'numpy.random._pickle': NUMPY_RANDOM,
  'numpy.random._mt19937': 'MT19937',
  'numpy.random._pcg64': 'PCG64',
  'omegaconf.base': 'ContainerMetadata Metadata',
  'omegaconf.dictconfig': 'DictConfig',
  'omegaconf.listconfig': 'ListConfig',
  'omegaconf.nodes': 'AnyNode StringNode IntegerNode FloatNode BooleanNode BytesNode PathNode EnumNode',
  'pytorch_lightning.callbacks.early_stopping': 'EarlyStopping',
  'pytorch_lightning.callbacks.model_checkpoint': 'ModelCheckpoint',
  'lightning.pytorch.callbacks.early_stopping': 'EarlyStopping',
  'lightning.pytorch.callbacks.model_checkpoint': 'ModelCheckpoint',
  torch: `complex32 complex64 complex128 uint16 uint32 uint64 float8_e4m3fn float8_e5m2 qint8 quint8 qint32
    strided sparse_coo contiguous_format channels_last channels_last_3d preserve_format`,
  'torch.serialization': '_get_layout',
  'torch.torch_version': 'TorchVersion',
};

/** Functions that make bytes: protocol 2 has no opcode for them. */
const BYTES: Readonly<Record<string, readonly string[]>> = {
  _codecs: ['encode'],
  builtins: ['bytearray'],
};

/** What protocol 2 calls the module `builtins`, so that Python 2 can read it. */
const BUILTINS_OF_PYTHON_2 = '__builtin__';

/**
 * All names that a checkpoint's pickle may use: those of a state dict, and harmless classes of
 * values that training programs save beside it. None of these classes is ever loaded or called. A
 * call gives an empty dictionary, an empty list, bytes, or an inert value.
 */
export const CHECKPOINT_GLOBALS: ReadonlyMap<string, PickleGlobal> = new Map([
  ...[
    ...namesOf(DICTIONARIES).map(entry(makeDict)),
    ...namesOf(LISTS).map(entry(makeList)),
    ...namesOf(BYTES).map(entry(() => new PickleBytes())),
    ...Object.entries(INERT).flatMap(([module, names]) => names.split(/\s+/).map((name) => inert(module, name))),
  ].flatMap(([name, value]) => [
    [name, value] as const,
    [name.replace(/^builtins /, `${BUILTINS_OF_PYTHON_2} `), value] as const,
  ]),
  ...TORCH_GLOBALS,
]);

function namesOf(modules: Readonly<Record<string, readonly string[]>>): [module: string, name: string][] {
  return Object.entries(modules).flatMap(([module, names]) => names.map((name): [string, string] => [module, name]));
}

function entry(make: Make) {
  return ([module, name]: [string, string]): [string, PickleGlobal] => [
    `${module} ${name}`,
    new PickleGlobal(`${module}.${name}`, make),
  ];
}

function inert(module: string, name: string): [string, PickleGlobal] {
  const description = `a value of ${module}.${name}`;
  return entry(() => new PickleInert(description))([module, name]);
}

/** Counter({…}) and dict({…}) have their items in the argument; the others get them afterwards. */
function makeDict([first]: readonly PickleValue[]): PickleDict {
  return first instanceof PickleDict ? first : new PickleDict();
}

/** list([…]) has its items in the argument; deque((), maxlen) gets them afterwards. */
function makeList([first]: readonly PickleValue[]): PickleList {
  return first instanceof PickleList ? first : new PickleList();
}
