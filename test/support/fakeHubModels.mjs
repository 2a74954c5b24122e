/**
 * What the fake Hub says about its repositories: model info and the search with the Hub's own parameters (search, author, filter,
 * num_parameters, sort, direction). Facts come from the repository's options; nothing is read from disk.
 */

/** @param {any} repo */
export function modelInfo(repo) {
    const names = [...repo.files.keys()];
    const has = (ending) => names.some((name) => name.endsWith(ending));
    const license = repo.license ?? "apache-2.0";
    const formats = ["gguf", "safetensors"].filter((format) => has(`.${format}`));
    const total = repo.nParameters;
    return {
        _id: repo.commit.slice(0, 24),
        id: repo.id,
        modelId: repo.id,
        private: repo.private ?? false,
        pipeline_tag: "text-generation",
        downloads: repo.downloads ?? 12,
        gated: repo.gated ? "manual" : false,
        likes: repo.likes ?? 3,
        lastModified: repo.modified ?? "2024-11-18T17:42:50.000Z",
        sha: repo.commit,
        tags: [...formats, `license:${license}`, "region:us"],
        cardData: { license },
        ...(!has(".gguf") && total ? { safetensors: { total, parameters: { BF16: total } } } : {}),
        ...(has(".gguf") && total ? { gguf: { total, architecture: "qwen2" } } : {}),
        siblings: names.map((rfilename) => ({ rfilename })),
    };
}

const UNITS = { K: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/** @param {any[]} repos @param {URLSearchParams} query */
export function searchModels(repos, query) {
    const words = (query.get("search") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const filters = query.getAll("filter").flatMap((value) => value.split(","));
    const bound = (name) => {
        const [, digits, unit] =
            new RegExp(`${name}:([\\d.]+)([KMBT])`).exec(query.get("num_parameters") ?? "") ?? [];
        return digits === undefined ? undefined : Number(digits) * UNITS[unit];
    };
    const [least, most] = [bound("min"), bound("max")];
    const found = repos.map(modelInfo).filter((info) => {
        const name = info.id.toLowerCase();
        const total = info.safetensors?.total ?? info.gguf?.total;
        return (
            words.every((word) => name.includes(word)) &&
            (!query.has("author") || info.id.startsWith(`${query.get("author")}/`)) &&
            filters.every((filter) => info.tags.includes(filter)) &&
            (least === undefined || total >= least) &&
            (most === undefined || total <= most)
        );
    });
    const key = query.get("sort") ?? "downloads";
    const value = (info) => (key === "trendingScore" ? info.likes : info[key]);
    return found.sort((a, b) => (value(a) < value(b) ? 1 : value(a) > value(b) ? -1 : 0)).map(row);
}

/** A row of the list has no sha unless it is asked for. */
function row(info) {
    return { ...info, siblings: undefined, sha: undefined };
}
