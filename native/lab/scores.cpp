// see scores.h
#include "scores.h"

#include "../quantize.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <stdexcept>
#include <thread>

namespace ingot {

namespace {

struct peak {
    float   logit;
    int32_t token;
    double  log_sum; // ln of the sum of exp(logit - peak)
};

peak peak_of(const float * logits, int32_t n_vocab) {
    peak p{ logits[0], 0, 0.0 };
    for (int32_t i = 1; i < n_vocab; i++) {
        if (logits[i] > p.logit) {
            p.logit = logits[i];
            p.token = i;
        }
    }
    double sum = 0.0;
    for (int32_t i = 0; i < n_vocab; i++) {
        sum += std::exp(logits[i] - p.logit);
    }
    p.log_sum = std::log(sum);
    return p;
}

// -ln p of a token
double nll_of(const float * logits, int32_t n_vocab, llama_token token) {
    const peak p = peak_of(logits, n_vocab);
    return -(logits[token] - p.logit - p.log_sum);
}

struct divergence {
    float  nll;
    float  nll_base;
    double kld;
    float  p_diff;
    bool   same_top;
};

divergence divergence_of(const float * logits, const coded_row & base, int32_t n_vocab, llama_token token) {
    const peak  p       = peak_of(logits, n_vocab);
    const float log_sum = (float) p.log_sum;
    const float level   = p.logit + log_sum; // log p of token i is logits[i] - level
    divergence  d{};
    d.nll      = level - logits[token];
    d.nll_base = -(base.scale * base.codes[token] + base.min_log_prob);
    int32_t  base_token = 0;
    for (int32_t i = 0; i < n_vocab; i++) {
        if (base.codes[i] > base.codes[base_token]) {
            base_token = i;
        }
        const float log_p = base.scale * base.codes[i] + base.min_log_prob;
        if (log_p > -16.0f) {
            d.kld += std::exp(log_p) * (log_p - logits[i] + level);
        }
    }
    d.same_top = p.token == base_token;
    d.p_diff   = std::exp(-d.nll) - std::exp(-d.nll_base);
    return d;
}

// One token to be scored: row of the batch, and what comes next in the text.
struct scored {
    size_t        index; // in the results
    int32_t       row;   // index in the batch
    llama_token   next;
};

int32_t rows_of_chunk(const chunk_plan & plan) {
    return plan.n_ctx - 1 - plan.n_ctx / 2;
}

std::vector<scored> scored_in(const chunk_plan & plan, const chunk_slice & slice) {
    std::vector<scored> found;
    for (int32_t s = 0; s < slice.n_chunks; s++) {
        const int64_t chunk = slice.chunk + s;
        for (int32_t k = 0; k < slice.n_tokens; k++) {
            const int32_t position = slice.from + k;
            if (position >= plan.first_output && position + 1 < plan.n_ctx) {
                found.push_back({ (size_t) (chunk * rows_of_chunk(plan) + position - plan.first_output), s * slice.n_tokens + k,
                                  plan.tokens[chunk * plan.n_ctx + position + 1] });
            }
        }
    }
    return found;
}

// Runs `one` for every index, on several threads; ends early when is_stopped, and then throws.
void on_threads(size_t n, int32_t n_threads, const std::function<bool()> & is_stopped, const std::function<void(size_t)> & one) {
    std::atomic<size_t> next{ 0 };
    const auto          work = [&] {
        for (size_t i = next++; i < n && !is_stopped(); i = next++) {
            one(i);
        }
    };
    std::vector<std::thread> threads;
    for (int32_t t = 1; t < n_threads && (size_t) t < n; t++) {
        threads.emplace_back(work);
    }
    work();
    for (std::thread & thread : threads) {
        thread.join();
    }
    if (is_stopped()) {
        throw cancelled_error();
    }
}

std::vector<const float *> rows_of(const chunk_evaluator & evaluator, const std::vector<scored> & tokens) {
    std::vector<const float *> rows;
    for (const scored & token : tokens) {
        rows.push_back(evaluator.logits(token.row)); // on one thread: the first call may put them in order
    }
    return rows;
}

void require_finite(double value, const char * whose) {
    if (!std::isfinite(value)) {
        throw not_finite_error(std::string(whose) + " gives probabilities that are no finite numbers; its file is damaged");
    }
}

void require_layout(const chunk_plan & plan) {
    if (plan.first_output != plan.n_ctx / 2 || plan.n_ctx < 4) {
        throw std::invalid_argument("Scores need chunks of at least 4 tokens with logits for their second half");
    }
}

divergence_scores sized(const chunk_plan & plan) {
    const size_t      n = (size_t) rows_of_chunk(plan) * plan.n_chunks;
    divergence_scores result;
    result.nll.resize(n);
    result.nll_base.resize(n);
    result.kld.resize(n);
    result.p_diff.resize(n);
    result.same_top.resize(n);
    return result;
}

void put(divergence_scores & result, size_t index, const divergence & d) {
    result.nll[index]      = d.nll;
    result.nll_base[index] = d.nll_base;
    result.kld[index]      = d.kld;
    result.p_diff[index]   = d.p_diff;
    result.same_top[index] = d.same_top;
}

// Sums over what is new, checks it, and tells the watcher.
class running_means {
public:
    running_means(const chunk_plan & plan_, const score_watcher & watch_) : plan(plan_), watch(watch_) {}

    void add(double nll, double kld) {
        sum_nll += nll;
        sum_kld += kld;
        n++;
    }

    void tell(const chunk_slice & slice) const {
        const int32_t n_tokens = slice.chunk * plan.n_ctx + slice.n_chunks * (slice.from + slice.n_tokens);
        watch({ n_tokens, n > 0 ? sum_nll / n : 0.0, n > 0 ? sum_kld / n : 0.0 });
    }

private:
    const chunk_plan &    plan;
    const score_watcher & watch;
    double                sum_nll = 0.0;
    double                sum_kld = 0.0;
    size_t                n       = 0;
};

void add_checked(running_means & means, const divergence_scores & result, const std::vector<scored> & tokens) {
    for (const scored & token : tokens) {
        require_finite(result.nll_base[token.index], "The reference");
        require_finite(result.nll[token.index] + result.kld[token.index], "The model");
        means.add(result.nll[token.index], result.kld[token.index]);
    }
}

}

perplexity_scores score_perplexity(const std::shared_ptr<model> & m, const chunk_plan & plan, const std::string & logits_path,
                                   const std::function<bool()> & is_stopped, const score_watcher & watch) {
    require_layout(plan);
    const int32_t   n_vocab = m->info.n_vocabulary;
    chunk_evaluator evaluator(m, plan, is_stopped, nullptr);

    std::unique_ptr<logits_writer> writer;
    const size_t                   n_words = coded_row_words(n_vocab);
    std::vector<uint16_t>          words; // of a group of chunks: rows of several chunks come interleaved, files have them in order
    if (!logits_path.empty()) {
        writer = std::make_unique<logits_writer>(logits_path, logits_header{ plan.n_ctx, n_vocab, plan.n_chunks, plan.tokens });
        words.resize((size_t) plan.n_seq() * rows_of_chunk(plan) * n_words);
    }

    perplexity_scores result;
    result.nll.resize((size_t) rows_of_chunk(plan) * plan.n_chunks);
    running_means means(plan, watch);
    evaluate_chunks(plan, { &evaluator }, [&](const chunk_slice & slice) {
        const auto   tokens = scored_in(plan, slice);
        const auto   rows   = rows_of(evaluator, tokens);
        const size_t first  = (size_t) slice.chunk * rows_of_chunk(plan);
        on_threads(tokens.size(), plan.n_threads, is_stopped, [&](size_t i) {
            result.nll[tokens[i].index] = nll_of(rows[i], n_vocab, tokens[i].next);
            if (writer) {
                encode_row(rows[i], n_vocab, words.data() + (tokens[i].index - first) * n_words);
            }
        });
        for (const scored & token : tokens) {
            require_finite(result.nll[token.index], "The model");
            means.add(result.nll[token.index], 0.0);
        }
        if (writer && slice.from + slice.n_tokens == plan.n_ctx) {
            writer->add(words.data(), (size_t) slice.n_chunks * rows_of_chunk(plan) * n_words);
        }
        means.tell(slice);
    });
    if (writer) {
        writer->close();
    }
    return result;
}

divergence_scores score_divergence(const std::shared_ptr<model> & m, const std::shared_ptr<model> & base, const chunk_plan & plan,
                                   const std::function<bool()> & is_stopped, const score_watcher & watch) {
    require_layout(plan);
    const int32_t     n_vocab = m->info.n_vocabulary;
    chunk_evaluator   base_evaluator(base, plan, is_stopped, nullptr);
    chunk_evaluator   evaluator(m, plan, is_stopped, nullptr);
    divergence_scores result = sized(plan);
    running_means     means(plan, watch);
    evaluate_chunks(plan, { &base_evaluator, &evaluator }, [&](const chunk_slice & slice) {
        const auto tokens    = scored_in(plan, slice);
        const auto base_rows = rows_of(base_evaluator, tokens);
        const auto rows      = rows_of(evaluator, tokens);
        on_threads(tokens.size(), plan.n_threads, is_stopped, [&](size_t i) {
            thread_local std::vector<uint16_t> words;
            words.resize(coded_row_words(n_vocab));
            encode_row(base_rows[i], n_vocab, words.data());
            put(result, tokens[i].index, divergence_of(rows[i], decode_row(words.data()), n_vocab, tokens[i].next));
        });
        add_checked(means, result, tokens);
        means.tell(slice);
    });
    return result;
}

divergence_scores score_divergence(const std::shared_ptr<model> & m, logits_reader & base, const chunk_plan & plan, const std::function<bool()> & is_stopped,
                                   const score_watcher & watch) {
    require_layout(plan);
    const int32_t                      n_vocab = m->info.n_vocabulary;
    const size_t                       n_words = coded_row_words(n_vocab);
    chunk_evaluator                    evaluator(m, plan, is_stopped, nullptr);
    divergence_scores                  result = sized(plan);
    running_means                      means(plan, watch);
    std::vector<std::vector<uint16_t>> stored(plan.n_seq());
    evaluate_chunks(plan, { &evaluator }, [&](const chunk_slice & slice) {
        for (int32_t s = 0; slice.from == 0 && s < slice.n_chunks; s++) {
            base.read(stored[s]);
        }
        const auto tokens = scored_in(plan, slice);
        const auto rows   = rows_of(evaluator, tokens);
        on_threads(tokens.size(), plan.n_threads, is_stopped, [&](size_t i) {
            const size_t index = tokens[i].index - (size_t) slice.chunk * rows_of_chunk(plan);
            const auto & words = stored[index / rows_of_chunk(plan)];
            put(result, tokens[i].index, divergence_of(rows[i], decode_row(words.data() + index % rows_of_chunk(plan) * n_words), n_vocab, tokens[i].next));
        });
        add_checked(means, result, tokens);
        means.tell(slice);
    });
    return result;
}

}
