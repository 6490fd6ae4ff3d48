/** Filled in below. */
export function writeDocs() {}
