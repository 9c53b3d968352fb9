/** A picture of the comparison: how it is made, and which other program decodes it. */
export interface PictureRow {
  readonly format: string;
  /** Colours, depth and whatever else is special. */
  readonly kind: string;
  /** The file's name; its end says the format. */
  readonly file: string;
  /** The command that makes the file in a folder with base.png, alpha.png and deep.png. */
  readonly make: string;
  readonly reference: Reference;
  /** Why the difference may be more than 2 of 255. */
  readonly reason?: string;
}

/** The programs that decode as a reference. */
export type Reference = 'Pillow' | 'ImageMagick' | 'heif-convert';

const ICC = '/usr/share/color/icc/ghostscript';

/** Rows of one format, most of which ImageMagick makes. */
function rows(
  format: string,
  end: string,
  list: readonly (readonly [kind: string, make: string, reference: Reference, reason?: string])[],
): PictureRow[] {
  return list.map(([kind, make, reference, reason], index) => {
    const file = `${format.toLowerCase().replaceAll(' ', '-')}-${index}.${end}`;
    return { format, kind, file, make: make.replaceAll('OUT', file), reference, ...(reason && { reason }) };
  });
}

/** Every supported format, with each depth, colour kind and way of storing that it has. */
export const PICTURE_ROWS: readonly PictureRow[] = [
  ...rows('JPEG', 'jpg', [
    ['RGB, colours subsampled', 'convert base.png -quality 90 OUT', 'Pillow'],
    ['RGB, not subsampled', 'convert base.png -sampling-factor 1x1 -quality 95 OUT', 'Pillow'],
    ['RGB, progressive', 'convert base.png -interlace JPEG OUT', 'Pillow'],
    ['RGB, Adobe RGB profile', `convert base.png -profile ${ICC}/srgb.icc -profile ${ICC}/a98.icc OUT`, 'Pillow'],
    ['grey', 'convert base.png -colorspace Gray OUT', 'Pillow'],
    ['CMYK', 'convert base.png -colorspace CMYK -quality 95 OUT', 'Pillow'],
    [
      'CMYK, profile',
      `convert base.png -profile ${ICC}/srgb.icc -profile ${ICC}/default_cmyk.icc -quality 95 OUT`,
      'Pillow',
    ],
  ]),
  ...rows('PNG', 'png', [
    ...[1, 2, 4, 8, 16].map(
      (bits) =>
        [
          `grey, ${bits} bit${bits > 1 ? 's' : ''}`,
          `convert deep.png -colorspace Gray ${bits < 8 ? '-dither None ' : ''}-depth ${bits} -define png:color-type=0 -define png:bit-depth=${bits} OUT`,
          'ImageMagick',
        ] as const,
    ),
    ...[1, 2, 4, 8].map(
      (bits) =>
        [
          `palette, ${bits} bit${bits > 1 ? 's' : ''}`,
          `convert base.png -colors ${2 ** bits - (bits === 8 ? 1 : 0)} -type Palette -define png:color-type=3 -define png:bit-depth=${bits} OUT`,
          'Pillow',
        ] as const,
    ),
    ['RGB, 8 bits', 'convert base.png PNG24:OUT', 'Pillow'],
    ['RGB, 16 bits', 'convert deep.png PNG48:OUT', 'ImageMagick'],
    ['RGB, 8 bits, interlaced', 'convert base.png -interlace PNG PNG24:OUT', 'Pillow'],
    ['grey and transparency, 8 bits', 'convert alpha.png -colorspace Gray -define png:color-type=4 OUT', 'Pillow'],
    [
      'grey and transparency, 16 bits',
      'convert alpha.png -colorspace Gray -define png:color-type=4 -define png:bit-depth=16 OUT',
      'ImageMagick',
    ],
    ['RGB and transparency, 8 bits', 'convert alpha.png PNG32:OUT', 'Pillow'],
    ['RGB and transparency, 16 bits', 'convert alpha.png PNG64:OUT', 'ImageMagick'],
    [
      'RGB, 8 bits, Adobe RGB profile',
      `convert base.png -profile ${ICC}/srgb.icc -profile ${ICC}/a98.icc PNG24:OUT`,
      'Pillow',
    ],
    [
      'RGB, 16 bits, Adobe RGB profile',
      `convert deep.png -profile ${ICC}/srgb.icc -profile ${ICC}/a98.icc PNG48:OUT`,
      'ImageMagick',
    ],
    ['grey, 8 bits, profile', `convert base.png -colorspace Gray -profile ${ICC}/ps_gray.icc OUT`, 'Pillow'],
    [
      'grey, 16 bits, profile',
      `convert deep.png -colorspace Gray -profile ${ICC}/ps_gray.icc -define png:bit-depth=16 OUT`,
      'ImageMagick',
    ],
  ]),
  ...rows('GIF', 'gif', [
    ['256 colours', 'convert base.png OUT', 'Pillow'],
    ['16 colours, transparency', 'convert alpha.png -channel A -threshold 50% +channel -colors 16 OUT', 'Pillow'],
    ['first frame smaller than the canvas', 'convert base.png -crop 200x200+50+40 OUT', 'ImageMagick'],
    ['animation', 'convert base.png \\( base.png -negate \\) OUT', 'Pillow'],
  ]),
  ...rows('WebP', 'webp', [
    ['lossy', 'convert base.png -quality 90 OUT', 'Pillow'],
    ['lossless', 'convert base.png -define webp:lossless=true OUT', 'Pillow'],
    ['lossy, transparency', 'convert alpha.png -quality 90 OUT', 'Pillow'],
    [
      'lossless, Adobe RGB profile',
      `convert base.png -profile ${ICC}/srgb.icc -profile ${ICC}/a98.icc -define webp:lossless=true OUT`,
      'Pillow',
    ],
  ]),
  ...rows('TIFF', 'tif', [
    ...[1, 2, 4, 8, 10, 12, 14, 16, 32].map(
      (bits) =>
        [
          `grey, ${bits} bit${bits > 1 ? 's' : ''}`,
          `convert deep.png -colorspace Gray ${bits < 8 ? '-dither None ' : ''}-depth ${bits} OUT`,
          'ImageMagick',
        ] as const,
    ),
    ...[16, 32, 64].map(
      (bits) =>
        [
          `grey, ${bits}-bit floating point`,
          `convert deep.png -colorspace Gray -define quantum:format=floating-point -depth ${bits} OUT`,
          'ImageMagick',
        ] as const,
    ),
    ['grey, white is zero', 'convert base.png -colorspace Gray -define quantum:polarity=min-is-white OUT', 'Pillow'],
    [
      'grey, 16 bits, profile',
      `convert deep.png -colorspace Gray -profile ${ICC}/ps_gray.icc -depth 16 OUT`,
      'ImageMagick',
    ],
    ['palette, 8 bits', 'convert base.png -colors 256 -type Palette OUT', 'Pillow'],
    ...[4, 8, 12, 16, 32].map(
      (bits) => [`RGB, ${bits} bits`, `convert deep.png -type TrueColor -depth ${bits} OUT`, 'ImageMagick'] as const,
    ),
    ...[16, 32, 64].map(
      (bits) =>
        [
          `RGB, ${bits}-bit floating point`,
          `convert deep.png -define quantum:format=floating-point -depth ${bits} OUT`,
          'ImageMagick',
        ] as const,
    ),
    [
      'RGB, 16 bits, Adobe RGB profile',
      `convert deep.png -profile ${ICC}/srgb.icc -profile ${ICC}/a98.icc -depth 16 OUT`,
      'ImageMagick',
    ],
    ['RGB, planes', 'convert base.png -interlace plane OUT', 'ImageMagick'],
    ['RGB, tiles', 'convert base.png -define tiff:tile-geometry=64x64 OUT', 'Pillow'],
    ['RGB, 16 bits, big-endian, BigTIFF', 'convert deep.png -depth 16 -endian MSB TIFF64:OUT', 'ImageMagick'],
    ...['LZW', 'Zip', 'RLE', 'JPEG', 'WebP'].map(
      (method) => [`RGB, ${method}`, `convert base.png -compress ${method} OUT`, 'Pillow'] as const,
    ),
    [
      'RGB, LZW with predictor, tiles',
      'convert base.png -compress LZW -define tiff:predictor=2 -define tiff:tile-geometry=64x64 OUT',
      'Pillow',
    ],
    [
      'RGB, 32-bit floating point, Zip with predictor',
      'convert deep.png -define quantum:format=floating-point -depth 32 -compress Zip -define tiff:predictor=3 OUT',
      'ImageMagick',
    ],
    ['black and white, fax group 4', 'convert base.png -monochrome -compress Group4 OUT', 'Pillow'],
    ['RGB and transparency', 'convert alpha.png -define tiff:alpha=unassociated OUT', 'Pillow'],
    ['RGB and transparency, associated', 'convert alpha.png -define tiff:alpha=associated OUT', 'ImageMagick'],
    ['RGB and an extra sample of no meaning', 'convert alpha.png -define tiff:alpha=unspecified OUT', 'Pillow'],
    ['YCbCr, JPEG', 'convert base.png -compress JPEG -colorspace YCbCr OUT', 'Pillow'],
    [
      'YCbCr, not subsampled',
      `/usr/bin/python3 -c "from PIL import Image; Image.open('base.png').convert('YCbCr').save('OUT')"`,
      'ImageMagick',
    ],
    ['L*a*b*', 'convert base.png -colorspace Lab -depth 8 OUT', 'ImageMagick'],
    ['L*a*b*, 16 bits', 'convert deep.png -colorspace Lab -depth 16 OUT', 'ImageMagick'],
    ['CMYK', 'convert base.png -colorspace CMYK OUT', 'Pillow'],
    ['CMYK, 16 bits', 'convert deep.png -colorspace CMYK -depth 16 OUT', 'ImageMagick'],
    ['CMYK, profile', `convert base.png -profile ${ICC}/srgb.icc -profile ${ICC}/default_cmyk.icc OUT`, 'Pillow'],
    [
      'CMYK, LZW, tiles',
      'convert base.png -colorspace CMYK -compress LZW -define tiff:tile-geometry=64x64 OUT',
      'Pillow',
    ],
  ]),
  ...rows('AVIF', 'avif', [
    ['RGB, 8 bits, subsampled', 'heif-enc -A -q 90 base.png -o OUT', 'heif-convert'],
    ['RGB, 8 bits, not subsampled', 'heif-enc -A -q 95 -p chroma=444 base.png -o OUT', 'heif-convert'],
    ['RGB, 10 bits, subsampled across', 'heif-enc -A -q 95 -b 10 -p chroma=422 deep.png -o OUT', 'heif-convert'],
    ['RGB, 12 bits', 'heif-enc -A -q 95 -b 12 -p chroma=420 deep.png -o OUT', 'heif-convert'],
    ['RGB and transparency', 'heif-enc -A -q 95 alpha8.png -o OUT', 'heif-convert'],
    ['RGB, limited range', 'heif-enc -A -q 95 --full_range_flag=0 base.png -o OUT', 'heif-convert'],
    ['grey', 'heif-enc -A -q 95 grey.png -o OUT', 'heif-convert'],
    ['grey, limited range', 'heif-enc -A -q 95 --full_range_flag=0 grey.png -o OUT', 'heif-convert'],
    ['RGB, Adobe RGB profile', 'heif-enc -A -q 95 -p chroma=444 adobe.png -o OUT', 'heif-convert'],
  ]),
  ...rows('HEIC', 'heic', [
    ['RGB, 8 bits, subsampled', 'heif-enc -q 90 base.png -o OUT', 'heif-convert'],
    ['RGB, 8 bits, not subsampled', 'heif-enc -q 95 -p chroma=444 base.png -o OUT', 'heif-convert'],
    ['RGB, 10 bits', 'heif-enc -q 95 -b 10 deep.png -o OUT', 'heif-convert'],
    ['RGB and transparency', 'heif-enc -q 95 alpha8.png -o OUT', 'heif-convert'],
    ['grey', 'heif-enc -q 95 grey.png -o OUT', 'heif-convert'],
    ['RGB, Adobe RGB profile', 'heif-enc -q 95 -p chroma=444 adobe.png -o OUT', 'heif-convert'],
  ]),
];
