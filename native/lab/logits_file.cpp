// see logits_file.h
#include "logits_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace ingot {

namespace {

const char MAGIC[] = { '_', 'l', 'o', 'g', 'i', 't', 's', '_' };

const size_t HEADER_BYTES = sizeof(MAGIC) + 3 * sizeof(int32_t);

// two floats
const size_t ROW_HEADER_WORDS = 4;

// of log-probabilities that are told apart
const float RANGE = 16.0f;

FILE * open_file(const std::string & path, bool writing) {
#ifdef _WIN32
    return _wfopen(std::filesystem::u8path(path).c_str(), writing ? L"wb" : L"rb");
#else
    return fopen(path.c_str(), writing ? "wb" : "rb");
#endif
}

void write(FILE * file, const void * data, size_t n) {
    if (fwrite(data, 1, n, file) != n) {
        throw std::runtime_error("The logits file cannot be written; is the disk full?");
    }
}

}

size_t coded_row_words(int32_t n_vocab) {
    return ((size_t) n_vocab + 1) / 2 * 2 + ROW_HEADER_WORDS;
}

void encode_row(const float * logits, int32_t n_vocab, uint16_t * words) {
    float most  = logits[0];
    float least = logits[0];
    for (int32_t i = 1; i < n_vocab; i++) {
        most  = std::max(most, logits[i]);
        least = std::min(least, logits[i]);
    }
    least = std::max(least, most - RANGE);
    double sum = 0.0;
    for (int32_t i = 0; i < n_vocab; i++) {
        sum += std::exp(logits[i] - most);
    }
    const float log_sum = (float) std::log(sum);
    const float scale   = (most - least) / 65535.0f;
    const float min_log_prob = least - most - log_sum;
    memcpy(words, &scale, sizeof(scale));
    memcpy(words + 2, &min_log_prob, sizeof(min_log_prob));
    uint16_t * codes   = words + ROW_HEADER_WORDS;
    const float inverse = scale > 0.0f ? 1.0f / scale : 0.0f;
    for (int32_t i = 0; i < n_vocab; i++) {
        // below 2^23 adding it rounds to the nearest whole number, and the compiler can do that for many at once
        const float code = inverse * (logits[i] - least) + 8388608.0f - 8388608.0f;
        codes[i] = logits[i] > least ? (uint16_t) (int32_t) std::min(code, 65535.0f) : 0;
    }
    if (n_vocab % 2 != 0) {
        codes[n_vocab] = 0;
    }
}

coded_row decode_row(const uint16_t * words) {
    coded_row row;
    memcpy(&row.scale, words, sizeof(row.scale));
    memcpy(&row.min_log_prob, words + 2, sizeof(row.min_log_prob));
    row.codes = words + ROW_HEADER_WORDS;
    return row;
}

logits_writer::logits_writer(const std::string & path, const logits_header & header) : file(open_file(path, true)) {
    if (!file) {
        throw std::runtime_error("The logits file cannot be made");
    }
    write(file.get(), MAGIC, sizeof(MAGIC));
    for (const int32_t number : { header.n_ctx, header.n_vocab, header.n_chunks }) {
        write(file.get(), &number, sizeof(number));
    }
    write(file.get(), header.tokens.data(), (size_t) header.n_chunks * header.n_ctx * sizeof(llama_token));
}

void logits_writer::add(const uint16_t * words, size_t n_words) {
    write(file.get(), words, n_words * sizeof(uint16_t));
}

void logits_writer::close() {
    if (fclose(file.release()) != 0) {
        throw std::runtime_error("The logits file cannot be written; is the disk full?");
    }
}

logits_reader::logits_reader(const std::string & path) : file(open_file(path, false)) {
    if (!file) {
        throw std::runtime_error("The logits file cannot be opened");
    }
    char    magic[sizeof(MAGIC)];
    int32_t numbers[3];
    if (fread(magic, 1, sizeof(magic), file.get()) != sizeof(magic) || memcmp(magic, MAGIC, sizeof(MAGIC)) != 0 ||
        fread(numbers, sizeof(int32_t), 3, file.get()) != 3) {
        throw std::runtime_error("That is no logits file of llama-perplexity");
    }
    header.n_ctx    = numbers[0];
    header.n_vocab  = numbers[1];
    header.n_chunks = numbers[2];
    const double n_tokens = (double) header.n_ctx * header.n_chunks; // in doubles: nothing here can overflow them
    const bool   is_sane  = header.n_ctx >= 4 && header.n_vocab >= 1 && header.n_chunks >= 1 && n_tokens <= 2147483647.0;
    std::error_code failed;
    const double n_bytes = (double) std::filesystem::file_size(std::filesystem::u8path(path), failed);
    if (!is_sane || failed ||
        n_bytes != HEADER_BYTES + n_tokens * sizeof(llama_token) +
                       (double) header.n_chunks * header.n_rows() * coded_row_words(header.n_vocab) * sizeof(uint16_t)) {
        throw std::runtime_error("The logits file does not have the size that its header says; make it again");
    }
    header.tokens.resize((size_t) n_tokens);
    if (fread(header.tokens.data(), sizeof(llama_token), header.tokens.size(), file.get()) != header.tokens.size()) {
        throw std::runtime_error("The logits file cannot be read");
    }
}

void logits_reader::read(std::vector<uint16_t> & words) {
    words.resize((size_t) header.n_rows() * coded_row_words(header.n_vocab));
    if (fread(words.data(), sizeof(uint16_t), words.size(), file.get()) != words.size()) {
        throw std::runtime_error("The logits file ended while it was read");
    }
}

}
