/**
 * Values that are made at their first use and kept. For what takes long to be made with its module, which the start of the window waits for:
 * a pattern over the letters of all scripts takes 0.3 ms.
 */

export function once<T>(make: () => T): () => T {
    let made: { value: T } | undefined;
    return () => (made ??= { value: make() }).value;
}
