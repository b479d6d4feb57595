/** Names of databases and tables as segments of paths. */

/** A name as one segment of a path: what a path can't hold is written as URLs do. */
export const segmentOf = (name: string): string => {
  if (name === '.' || name === '..') return name.replaceAll('.', '%2E');
  return name.replaceAll('%', '%25').replaceAll('/', '%2F');
};

/** The name that `segmentOf` made a segment of. */
export const nameOf = (segment: string): string =>
  segment.replaceAll('%2E', '.').replaceAll('%2F', '/').replaceAll('%25', '%');

/** Parts are numbered with so many digits that their names ascend. */
export const partName = (part: number): string => String(part).padStart(6, '0');
