// see text.h
#include "text.h"

#include <algorithm>

namespace ingot {

namespace {

// bytes of an unfinished character at the end; 0 when the text ends well or with something that is no UTF-8 at all
size_t incomplete_tail(const std::string & text) {
    for (size_t back = 1; back <= 3 && back <= text.size(); back++) {
        const unsigned char byte = text[text.size() - back];
        if ((byte & 0xC0) == 0x80) {
            continue;
        }
        const size_t length = byte >= 0xF0 && byte < 0xF5 ? 4 : byte >= 0xE0 && byte < 0xF0 ? 3 : byte >= 0xC2 && byte < 0xE0 ? 2 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

}

text_gate::text_gate(std::vector<std::string> stops) : stop_texts(std::move(stops)) {
    // an empty one would match everywhere
    stop_texts.erase(std::remove(stop_texts.begin(), stop_texts.end(), ""), stop_texts.end());
}

std::string text_gate::push(const std::string & bytes) {
    held += bytes;
    // whatever can begin a match is still held, so looking at held is enough
    size_t first = std::string::npos;
    for (const auto & stop : stop_texts) {
        const size_t at = held.find(stop);
        if (at < first) {
            first       = at;
            matched     = stop;
            has_stopped = true;
        }
    }
    size_t n_out = held.size();
    if (has_stopped) {
        n_out = first;
    } else {
        for (const auto & stop : stop_texts) {
            for (size_t n = std::min(stop.size() - 1, held.size()); n > 0; n--) {
                if (held.compare(held.size() - n, n, stop, 0, n) == 0) {
                    n_out = std::min(n_out, held.size() - n);
                    break;
                }
            }
        }
    }
    std::string out = held.substr(0, n_out);
    const size_t tail = incomplete_tail(out);
    out.resize(out.size() - tail);
    held = has_stopped ? "" : held.substr(out.size());
    delivered += out;
    return out;
}

std::string text_gate::flush() {
    std::string out = has_stopped ? "" : held;
    out.resize(out.size() - incomplete_tail(out));
    held.clear();
    delivered += out;
    return out;
}

}
