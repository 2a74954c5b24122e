// The figures of both sides of the lab bench under one name each, read from `ingot ... --json` and from what llama.cpp's tools print.

/** A figure as it was printed, by the pattern in front of it; undefined when it is not there. */
function figure(text, pattern) {
    return new RegExp(`${pattern}\\s*[:=]\\s*(-?[0-9.]+)`).exec(text)?.[1];
}

const isWhole = (figures) => Object.values(figures).every((value) => value !== undefined);

export const perplexityOf = {
    ours: ({ out }) => ({ perplexity: JSON.parse(out).perplexity.value }),
    /** Undefined when a figure is missing. */
    theirs({ out, err }) {
        const figures = { perplexity: figure(out + err, "Final estimate: PPL") };
        return isWhole(figures) ? figures : undefined;
    },
};

/** Shares in percent, as llama-perplexity gives them. */
export const divergenceOf = {
    ours({ out }) {
        const { perplexity, perplexityBase, kld, pDiffRms, sameTop } = JSON.parse(out);
        const quantile = (share) => kld.quantiles.find(({ percent }) => percent === share).value;
        return {
            perplexity: perplexity.value,
            "perplexity of the other": perplexityBase.value,
            "mean KL divergence": kld.mean.value,
            "its median": quantile(50),
            "its 99 %": quantile(99),
            "RMS of the change of p": 100 * pDiffRms.value,
            "same top token": 100 * sameTop.value,
        };
    },
    theirs({ out, err }) {
        const text = out + err;
        const figures = {
            perplexity: figure(text, "Mean PPL\\(Q\\)"),
            "perplexity of the other": figure(text, "Mean PPL\\(base\\)"),
            "mean KL divergence": figure(text, "Mean +KLD"),
            "its median": figure(text, "Median +KLD"),
            "its 99 %": figure(text, "99\\.0% +KLD"),
            "RMS of the change of p": figure(text, "RMS Δp"),
            "same top token": figure(text, "Same top p"),
        };
        return isWhole(figures) ? figures : undefined;
    },
};

/** Rows of both tables: what was asked, and seconds. */
export const benchOf = {
    ours: ({ out }) =>
        JSON.parse(out).rows.map((row) => ({
            what: `${row.promptTokens}, ${row.generateTokens}, ${row.parallel} at once`,
            cache: row.cacheTokens,
            read: row.promptSeconds,
            write: row.generateSeconds,
        })),
    theirs({ out }) {
        const lines = out.split("\n").filter((line) => line.startsWith("{"));
        const rows = lines.map((line) => JSON.parse(line));
        return rows.map((row) => ({
            what: `${row.pp}, ${row.tg}, ${row.pl} at once`,
            cache: row.n_kv,
            read: row.t_pp,
            write: row.t_tg,
        }));
    },
};

/** Largest relative difference of two importance matrices' sums, and whether weights and counts are the same. */
export function compareImatrix(ours, theirs) {
    let largest = 0;
    let isSame = ours.entries.size === theirs.entries.size;
    for (const [name, { sums, counts }] of ours.entries) {
        const other = theirs.entries.get(name);
        if (other?.sums.length !== sums.length) return { isSame: false, largest: NaN };
        isSame &&= counts.every((count, i) => count === other.counts[i]);
        sums.forEach((sum, i) => {
            const size = Math.max(Math.abs(sum), Math.abs(other.sums[i]));
            if (size > 0) largest = Math.max(largest, Math.abs(sum - other.sums[i]) / size);
        });
    }
    return { isSame, largest };
}
