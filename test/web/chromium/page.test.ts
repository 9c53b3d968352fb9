import { accessTests } from './page/access.ts';
import { classifyingTests } from './page/classifying.ts';
import { galleryTests, longGalleryTests } from './page/gallery.ts';
import { galleryDetailTests } from './page/gallery-detail.ts';
import { gallerySearchTests } from './page/gallery-search.ts';
import { hostileTextTests } from './page/hostile-texts.ts';
import { incomingTests } from './page/incoming.ts';
import { useOpenPages } from './page/open-pages.ts';
import { sampleModelTests } from './page/sample-model.ts';

/** One file, because a stack and a browser take seconds to start. */
const pages = useOpenPages();

describe('classifying', () => classifyingTests(pages));
describe('what comes in', () => incomingTests(pages));
describe('the sample model', () => sampleModelTests(pages));
describe('the gallery', () => galleryTests(pages));
describe('a search in the gallery', () => gallerySearchTests(pages));
describe('an open picture', () => galleryDetailTests(pages));
describe('hostile texts', () => hostileTextTests(pages));
describe('access and policy', () => accessTests(pages));
describe('a long gallery', () => longGalleryTests(pages));
