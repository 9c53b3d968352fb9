/** Where thumbnails lie in the service bucket. */
export const THUMBNAIL_PREFIX = 'thumbnails/';
