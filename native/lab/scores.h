// How well a model foretells a text, and how far it is from another model: per scored token, so that every statistic can
// be taken of it elsewhere. Scored are positions n_ctx / 2 .. n_ctx - 2 of each chunk, as llama-perplexity does. The values
// do not depend on the number of threads.
#pragma once

#include "chunks.h"
#include "logits_file.h"

namespace ingot {

// One value for each scored token, in the text's order.
struct perplexity_scores {
    std::vector<double> nll; // -ln p of the token that follows
};

struct divergence_scores {
    std::vector<double>  nll;
    std::vector<double>  nll_base;
    std::vector<double>  kld;
    std::vector<float>   p_diff; // probability of the token that follows, less the base model's
    std::vector<uint8_t> same_top;
};

// What is known after some tokens, for whoever watches.
struct score_progress {
    int32_t n_tokens; // evaluated
    double  mean_nll;
    double  mean_kld; // 0 when there is no base
};

using score_watcher = std::function<void(const score_progress &)>;

// logits_path: not empty: the logits are written there. Throws cancelled_error, not_finite_error, std::runtime_error.
perplexity_scores score_perplexity(const std::shared_ptr<model> & m, const chunk_plan & plan, const std::string & logits_path,
                                   const std::function<bool()> & is_stopped, const score_watcher & watch);

// Against a base model that goes through the text in lockstep. The vocabularies have to be equal.
divergence_scores score_divergence(const std::shared_ptr<model> & m, const std::shared_ptr<model> & base, const chunk_plan & plan,
                                   const std::function<bool()> & is_stopped, const score_watcher & watch);

// Against a file; plan's tokens are that file's. Needs n_ctx - 1 - n_ctx / 2 rows in memory.
divergence_scores score_divergence(const std::shared_ptr<model> & m, logits_reader & base, const chunk_plan & plan, const std::function<bool()> & is_stopped,
                                   const score_watcher & watch);

}
