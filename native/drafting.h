// Whether a guess at the next tokens is worth evaluating, and how many of them: on this computer and with this model a
// batch of a few tokens may cost several times as much as one, and guesses may be bad. Both are measured while it runs.
// What does not pay is tried again now and then. Pure: time comes from the caller.
#pragma once

#include <array>
#include <cstdint>

namespace ingot {

class drafting {
public:
    static constexpr int32_t N_MOST = 16; // tokens in a draft

    drafting();

    // How many of the n_available tokens to evaluate beside the pending one, when n_matched tokens before them agreed.
    // 0: none; what is not drafted counts as an occasion passed.
    int32_t length(int32_t n_matched, int32_t n_available);

    void report_plain(double took_ms);
    void report_draft(int32_t n_matched, int32_t n_drafted, int32_t n_accepted, double took_ms);

private:
    // matches of similar length are right about equally often
    struct group {
        double  agreeing; // how probable it is that one more token agrees
        int32_t n_passed; // occasions since the last draft
        int32_t patience; // occasions until the next trial
    };
    static int32_t group_of(int32_t n_matched);
    double cost_of(int32_t n_tokens) const;
    // tokens per millisecond with a draft of n
    double speed_of(const group & g, int32_t n) const;

    std::array<double, N_MOST + 2> costs{}; // ms of a batch, by tokens; smoothed; 0: not measured
    std::array<group, 4>           groups;
};

}
