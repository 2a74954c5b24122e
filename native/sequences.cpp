// see sequences.h
#include "sequences.h"

#include <algorithm>

namespace ingot {

namespace {

// Decoding on several contexts of one GPU at a time crashes with some backends (node-llama-cpp locks for the same
// reason), and would not be faster. Never destroyed: workers may outlive static destructors.
std::mutex & gpu_mutex = *new std::mutex;

// of all sequences together
const size_t N_CHECKPOINT_BYTES = 256u << 20;

// more tokens in common than with what the sequence holds itself
const size_t N_WORTH_SHARING = 16;

}

sequences::sequences(llama_context * context, int32_t n_sequences, int32_t n_cells, bool on_gpu, bool can_trim, int32_t n_window)
    : context(context), n_cells(n_cells), on_gpu(on_gpu), can_trim(can_trim), n_window(n_window) {
    for (int32_t i = 0; i < n_sequences; i++) {
        states.push_back(std::make_unique<state>(N_CHECKPOINT_BYTES / n_sequences));
    }
}

void sequences::request_clear(int32_t sequence, bool is_idle) {
    states[sequence]->clear_requested = true;
    if (is_idle) {
        states[sequence]->published = 0; // the worker may get to it later, the caller shall not see that
    }
}

bool sequences::has_clears() const {
    return std::any_of(states.begin(), states.end(), [](const auto & s) { return s->clear_requested.load(); });
}

void sequences::apply_clears(const std::function<bool(int32_t)> & is_free) {
    for (int32_t i = 0; i < count(); i++) {
        if (states[i]->clear_requested && is_free(i)) {
            states[i]->clear_requested = false;
            trim(i, 0);
        }
    }
}

bool sequences::holds(int32_t sequence, const std::vector<llama_token> & tokens) const {
    const std::vector<llama_token> & held = states[sequence]->tokens;
    return tokens.size() <= held.size() && std::equal(tokens.begin(), tokens.end(), held.begin());
}

void sequences::keep_common(int32_t sequence, const std::vector<llama_token> & tokens, size_t n_most) {
    const size_t n_keep  = n_common(sequence, tokens, n_most);
    int32_t      longest = -1;
    size_t       n_share = n_keep + N_WORTH_SHARING - 1;
    for (int32_t i = 0; can_trim && i < count(); i++) {
        const size_t n = i == sequence ? 0 : n_common(i, tokens, n_most);
        if (n > n_share) {
            longest = i;
            n_share = n;
        }
    }
    if (longest >= 0 && share(longest, sequence, n_share)) {
        return;
    }
    if (n_keep < size(sequence)) {
        trim(sequence, (int32_t) n_keep);
    }
}

size_t sequences::n_common(int32_t sequence, const std::vector<llama_token> & tokens, size_t n_most) const {
    const std::vector<llama_token> & held = states[sequence]->tokens;
    n_most = std::min({ n_most, tokens.size(), held.size() });
    return std::mismatch(held.begin(), held.begin() + n_most, tokens.begin()).first - held.begin();
}

// The cells of the first n tokens belong to both from then on. False, and `to` is empty, where a sliding window has dropped some.
bool sequences::share(int32_t from, int32_t to, size_t n) {
    const llama_memory_t memory = api.llama_get_memory(context);
    trim(to, 0);
    api.llama_memory_seq_cp(memory, from, to, 0, (llama_pos) n);
    if (api.llama_memory_seq_pos_min(memory, to) != 0 || api.llama_memory_seq_pos_max(memory, to) != (llama_pos) n - 1) {
        trim(to, 0);
        return false;
    }
    state & s = *states[to];
    s.tokens.assign(states[from]->tokens.begin(), states[from]->tokens.begin() + n);
    s.published = (int32_t) n;
    return true;
}

void sequences::trim(int32_t sequence, int32_t n_keep) {
    const llama_memory_t memory = api.llama_get_memory(context);
    state &              s      = *states[sequence];
    if (n_keep == 0 || !drop_tail(sequence, n_keep)) {
        const checkpoints::snapshot * const back = n_keep == 0 ? nullptr : s.kept.latest(n_keep);
        n_keep = back && go_back(sequence, *back) ? (int32_t) back->n_tokens : 0;
        if (n_keep == 0) {
            api.llama_memory_seq_rm(memory, sequence, -1, -1);
        }
    }
    s.kept.drop_after(n_keep);
    s.tokens.resize(n_keep);
    s.published = n_keep;
}

// llama.cpp gives cells that a later token no longer sees to whoever needs some, and keeps the positions that are left without a gap.
bool sequences::drop_tail(int32_t sequence, int32_t n_keep) {
    const llama_memory_t memory = api.llama_get_memory(context);
    if (!api.llama_memory_seq_rm(memory, sequence, n_keep, -1) || api.llama_memory_seq_pos_max(memory, sequence) != n_keep - 1) {
        return false;
    }
    return !can_trim || n_window == 0 || api.llama_memory_seq_pos_min(memory, sequence) <= std::max(0, n_keep - n_window);
}

// The recurrent part as it was then; hybrid models also have cells of later positions, which are dropped.
bool sequences::go_back(int32_t sequence, const checkpoints::snapshot & to) {
    const auto           gpu_lock = lock_gpu();
    const llama_memory_t memory   = api.llama_get_memory(context);
    const size_t n_read = api.llama_state_seq_set_data_ext(context, to.bytes.data(), to.bytes.size(), sequence, LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY);
    return n_read == to.bytes.size() && api.llama_memory_seq_rm(memory, sequence, (llama_pos) to.n_tokens, -1) &&
           api.llama_memory_seq_pos_max(memory, sequence) == (llama_pos) to.n_tokens - 1;
}

void sequences::checkpoint(int32_t sequence, size_t n_apart) {
    state & s = *states[sequence];
    if (!can_trim && s.tokens.size() >= s.kept.length() + n_apart) {
        std::vector<uint8_t> bytes = read_state(sequence, 0, LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY);
        if (!bytes.empty()) {
            s.kept.add({ s.tokens.size(), std::move(bytes) });
        }
    }
}

bool sequences::make_room(int32_t sequence, int32_t n, const std::function<bool(int32_t)> & is_idle) {
    if (size(sequence) + n > n_cells) {
        return false; // more than the cache has: emptying the others would not help
    }
    while (true) {
        size_t n_used = 0;
        for (const auto & s : states) {
            n_used += s->tokens.size();
        }
        if (n_used + n <= n_cells) {
            return true;
        }
        if (!evict_idle(sequence, is_idle)) {
            return false;
        }
    }
}

bool sequences::evict_idle(int32_t except, const std::function<bool(int32_t)> & is_idle) {
    int32_t oldest = -1;
    for (int32_t i = 0; i < count(); i++) {
        if (i != except && !states[i]->tokens.empty() && (oldest < 0 || states[i]->used < states[oldest]->used) && is_idle(i)) {
            oldest = i;
        }
    }
    if (oldest < 0) {
        return false;
    }
    trim(oldest, 0);
    return true;
}

std::unique_lock<std::mutex> sequences::lock_gpu() const {
    return on_gpu ? std::unique_lock<std::mutex>(gpu_mutex) : std::unique_lock<std::mutex>();
}

std::vector<uint8_t> sequences::save(int32_t sequence, size_t n_before) const {
    return read_state(sequence, n_before, LLAMA_STATE_SEQ_FLAGS_NONE);
}

// Empty when there is none.
std::vector<uint8_t> sequences::read_state(int32_t sequence, size_t n_before, llama_state_seq_flags flags) const {
    const auto   gpu_lock = lock_gpu();
    const size_t n_bytes  = size(sequence) == 0 ? 0 : api.llama_state_seq_get_size_ext(context, sequence, flags);
    if (n_bytes == 0) {
        return {};
    }
    std::vector<uint8_t> bytes(n_before + n_bytes);
    if (api.llama_state_seq_get_data_ext(context, bytes.data() + n_before, n_bytes, sequence, flags) != n_bytes) {
        return {};
    }
    return bytes;
}

bool sequences::restore(int32_t sequence, const std::vector<llama_token> & tokens, const std::vector<uint8_t> & bytes, size_t n_before,
                        const std::function<bool(int32_t)> & is_idle) {
    trim(sequence, 0);
    if (tokens.empty() || bytes.size() <= n_before || !make_room(sequence, (int32_t) tokens.size(), is_idle)) {
        return false;
    }
    const size_t n_bytes = bytes.size() - n_before;
    size_t       n_read  = 0;
    {
        const auto gpu_lock = lock_gpu();
        n_read = api.llama_state_seq_set_data_ext(context, bytes.data() + n_before, n_bytes, sequence, LLAMA_STATE_SEQ_FLAGS_NONE);
    }
    const llama_memory_t memory = api.llama_get_memory(context);
    const llama_pos      last   = (llama_pos) tokens.size() - 1;
    const llama_pos      first  = api.llama_memory_seq_pos_min(memory, sequence);
    // a recurrent model has only its last position
    if (n_read != n_bytes || api.llama_memory_seq_pos_max(memory, sequence) != last || (first != 0 && first != last)) {
        trim(sequence, 0);
        return false;
    }
    state & s   = *states[sequence];
    s.tokens    = tokens;
    s.published = (int32_t) tokens.size();
    s.used      = ++clock;
    checkpoint(sequence, 1);
    return true;
}

sequences::decoded sequences::decode(int32_t sequence, llama_token * tokens, int32_t n, int32_t n_logits, const std::function<bool(int32_t)> & is_idle) {
    state & s      = *states[sequence];
    int     status = decode_once(sequence, tokens, n, n_logits);
    while (status == 1 && evict_idle(sequence, is_idle)) { // no slot although there are cells enough
        status = decode_once(sequence, tokens, n, n_logits);
    }
    switch (status) {
        case 0:
            s.tokens.insert(s.tokens.end(), tokens, tokens + n);
            s.published = (int32_t) s.tokens.size();
            s.used      = ++clock;
            return decoded::done;
        case 1:
            return decoded::no_room;
        case 2:
            trim(sequence, (int32_t) s.tokens.size()); // earlier slices stay valid
            return decoded::aborted;
        default:
            trim(sequence, 0);
            return decoded::failed;
    }
}

// llama_decode's status
int sequences::decode_once(int32_t sequence, llama_token * tokens, int32_t n, int32_t n_logits) {
    const int32_t               begin = (int32_t) size(sequence);
    llama_seq_id                id    = sequence;
    std::vector<llama_pos>      positions(n);
    std::vector<int32_t>        n_ids(n, 1);
    std::vector<llama_seq_id *> ids(n, &id);
    std::vector<int8_t>         wanted(n, 0);
    for (int32_t i = 0; i < n; i++) {
        positions[i] = begin + i;
    }
    std::fill(wanted.end() - n_logits, wanted.end(), 1); // of a prompt only the last row is used, and a row is the vocabulary
    const llama_batch batch = { n, tokens, nullptr, positions.data(), n_ids.data(), ids.data(), wanted.data() };

    const auto gpu_lock = lock_gpu();
    const int status = api.llama_decode(context, batch);
    if (on_gpu) {
        api.llama_synchronize(context);
    }
    return status;
}

}
