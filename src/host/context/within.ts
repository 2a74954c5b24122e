/** A result if it comes in time, else what is said to stand for it; the work itself goes on. A failure counts as nothing found. */
export async function within<T>(ms: number, fallback: T, work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<T>((resolve) => {
        timer = setTimeout(() => resolve(fallback), ms);
    });
    try {
        return await Promise.race([work, late]);
    } catch {
        return fallback;
    } finally {
        clearTimeout(timer);
    }
}
