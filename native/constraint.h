// What a generated text is held to: a grammar from its first byte on, or from where it has written one of some triggers.
// Pure: bytes only.
#pragma once

#include "grammar.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingot {

struct constraint_options {
    struct trigger {
        std::string text;
        int32_t     root;        // holds for what follows
        bool        is_at_start; // only where the answer begins with it, behind white space
    };
    std::shared_ptr<const grammar> rules; // null: none
    int32_t              root = -1;       // from the first byte on; -1: a trigger comes first
    std::vector<trigger> triggers;
    // Reasoning in front of the answer, in which nothing triggers. Empty: there is none.
    std::string          thinking_open;
    std::string          thinking_close;
    bool                 is_thinking = false; // from the first byte on
    std::string          written; // what the text begins with already
};

class constraint {
public:
    // Throws std::invalid_argument for a root that is no node.
    explicit constraint(const constraint_options & options);

    bool allows(std::string_view piece);
    bool allows_end() const { return !text || text->is_complete(); }
    void accept(std::string_view piece);
    // Nothing but the end is allowed.
    bool is_over() const { return text && text->is_complete() && !text->can_go_on(); }
    // A trigger has come, or none was waited for.
    bool is_holding() const { return text != nullptr; }
    // Behind each piece of what the text goes on with: the fewest bytes after which nothing more is needed; none: no way was found.
    std::vector<std::optional<std::string>> ends(const std::vector<std::string> & pieces);
    bool has_given_up() const { return text && text->has_given_up(); }

private:
    struct hit {
        const constraint_options::trigger * by = nullptr;
        size_t                              end = 0; // of the trigger in the text
    };
    hit find(std::string_view whole, size_t n_old) const;
    size_t answer_begin(std::string_view whole) const;

    const constraint_options      options;
    std::unique_ptr<grammar_text> text;   // null: still waiting
    std::string                   written; // while waiting
};

}
