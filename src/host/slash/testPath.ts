/** Where a language's tests usually are, beside the file that they are for. Pure. */

type Naming = (stem: string, ending: string) => string;

const NAMING: Readonly<Record<string, Naming>> = {
    javascript: (stem, ending) => `${stem}.test.${ending}`,
    javascriptreact: (stem, ending) => `${stem}.test.${ending}`,
    typescript: (stem, ending) => `${stem}.test.${ending}`,
    typescriptreact: (stem, ending) => `${stem}.test.${ending}`,
    python: (stem, ending) => `test_${stem}.${ending}`,
    go: (stem, ending) => `${stem}_test.${ending}`,
    ruby: (stem, ending) => `${stem}_spec.${ending}`,
    java: (stem, ending) => `${stem}Test.${ending}`,
    kotlin: (stem, ending) => `${stem}Test.${ending}`,
    csharp: (stem, ending) => `${stem}Tests.${ending}`,
    php: (stem, ending) => `${stem}Test.${ending}`,
    swift: (stem, ending) => `${stem}Tests.${ending}`,
};

/** `/a/basket.ts` is tested by `/a/basket.test.ts`; undefined where there is no such habit. */
export function testPathFor(path: string, languageId: string): string | undefined {
    const match = /^(.*\/)?([^/]+)\.([^./]+)$/.exec(path);
    const naming = Object.hasOwn(NAMING, languageId) ? NAMING[languageId] : undefined;
    if (!match || !naming) return undefined;
    return `${match[1] ?? ""}${naming(match[2] ?? "", match[3] ?? "")}`;
}
