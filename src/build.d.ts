/** Replaced by esbuild: a hash over all sources, compared when two processes meet. */
declare const __BUILD__: string;
