// see constraint.h
#include "constraint.h"

#include "shortest.h"

#include <algorithm>
#include <stdexcept>

namespace ingot {

namespace {

const char * const SPACE = " \t\r\n";

bool starts_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

}

constraint::constraint(const constraint_options & given) : options(given) {
    if (options.root >= 0) {
        text = std::make_unique<grammar_text>(options.rules, options.root);
    }
    for (const auto & t : options.triggers) {
        if (t.root < 0 || t.root >= options.rules->size()) {
            throw std::invalid_argument("The grammar has no such root");
        }
    }
    if (!options.written.empty()) {
        if (!allows(options.written)) {
            throw std::invalid_argument("The grammar does not allow what is written already");
        }
        accept(options.written);
    }
}

bool constraint::allows(std::string_view piece) {
    if (text) {
        return !piece.empty() && text->allows(piece);
    }
    const std::string whole = written + std::string(piece);
    const hit         found = find(whole, written.size());
    return !found.by || found.end == whole.size() || grammar_text(options.rules, found.by->root).allows(std::string_view(whole).substr(found.end));
}

void constraint::accept(std::string_view piece) {
    if (text) {
        text->push(piece);
        return;
    }
    const size_t n_old = written.size();
    written += piece;
    const hit found = find(written, n_old);
    if (found.by) {
        text = std::make_unique<grammar_text>(options.rules, found.by->root);
        text->push(std::string_view(written).substr(found.end));
    }
}

std::vector<std::optional<std::string>> constraint::ends(const std::vector<std::string> & pieces) {
    std::vector<std::optional<std::string>> out;
    shortest                                way(options.rules);
    for (const std::string & piece : pieces) {
        if (!piece.empty()) {
            if (!allows(piece)) {
                break; // nor is there a way behind it
            }
            accept(piece);
        }
        out.push_back(text ? way.end(*text) : std::nullopt);
    }
    out.resize(pieces.size());
    return out;
}

// The first trigger that ends behind the first n_old bytes.
constraint::hit constraint::find(std::string_view whole, size_t n_old) const {
    hit          first;
    const size_t begin = answer_begin(whole);
    if (begin == std::string_view::npos) {
        return first;
    }
    const size_t start = whole.find_first_not_of(SPACE, begin);
    for (const auto & t : options.triggers) {
        size_t at = std::string_view::npos;
        if (!t.is_at_start) {
            at = whole.find(t.text, std::max(begin, n_old - std::min(n_old, t.text.size())));
        } else if (start != std::string_view::npos && starts_with(whole.substr(start), t.text)) {
            at = start;
        }
        const size_t end = at + t.text.size();
        if (at != std::string_view::npos && end > n_old && (!first.by || end < first.end)) {
            first = { &t, end };
        }
    }
    return first;
}

// Behind the reasoning; npos: still in it.
size_t constraint::answer_begin(std::string_view whole) const {
    if (options.thinking_close.empty()) {
        return 0;
    }
    size_t at = 0;
    if (!options.is_thinking) {
        at = whole.find_first_not_of(SPACE);
        if (at == std::string_view::npos || options.thinking_open.empty() || !starts_with(whole.substr(at), options.thinking_open)) {
            return 0;
        }
        at += options.thinking_open.size();
    }
    const size_t end = whole.find(options.thinking_close, at);
    return end == std::string_view::npos ? end : end + options.thinking_close.size();
}

}
