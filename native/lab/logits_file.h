// Log-probabilities in 16 bits each, as llama-perplexity --kl-divergence-base stores them, and the file that it stores them
// in. KL divergence is always taken against such codes, so that it is the same number with and without a file.
#pragma once

#include "llama.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace ingot {

// A row of codes: log p of token i is min_log_prob + scale * codes[i].
struct coded_row {
    float            scale;
    float            min_log_prob;
    const uint16_t * codes;
};

// 16-bit words that a coded row takes
size_t coded_row_words(int32_t n_vocab);

// Writes coded_row_words(n_vocab) words. What is more than 16 below the greatest is stored as that.
void encode_row(const float * logits, int32_t n_vocab, uint16_t * words);

coded_row decode_row(const uint16_t * words);

struct logits_header {
    int32_t                  n_ctx;
    int32_t                  n_vocab;
    int32_t                  n_chunks;
    std::vector<llama_token> tokens; // n_chunks * n_ctx

    // rows of a chunk: positions n_ctx / 2 .. n_ctx - 2
    int32_t n_rows() const { return n_ctx - 1 - n_ctx / 2; }
};

struct file_closer {
    void operator()(FILE * file) const { fclose(file); }
};

class logits_writer {
public:
    // Throws std::runtime_error when it cannot be written.
    logits_writer(const std::string & path, const logits_header & header);
    void add(const uint16_t * words, size_t n_words);
    // Throws when something did not get to the file.
    void close();

private:
    std::unique_ptr<FILE, file_closer> file;
};

class logits_reader {
public:
    // Throws std::runtime_error when it is no such file or its size is not what its header says.
    explicit logits_reader(const std::string & path);
    // the rows of the next chunk
    void read(std::vector<uint16_t> & words);

    logits_header header;

private:
    std::unique_ptr<FILE, file_closer> file;
};

}
