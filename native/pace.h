// How many prompt tokens the next slice gets, so that it takes about as long as it may. What a token costs depends on
// the size of the slice (small ones cost several times as much per token), so each size is measured by itself; a change
// that one size shows (a longer context, a busy computer) is taken to be true of all. Pure: time comes from the caller.
#pragma once

#include <cstdint>
#include <vector>

namespace ingot {

class pace {
public:
    // Slices of n_most tokens when target_ms is 0.
    pace(int32_t n_most, double target_ms);

    int32_t next() const;

    // how long a slice of n tokens is likely to take; 0: not known
    double expected_ms(int32_t n) const;

    void report(int32_t n, double took_ms);

private:
    struct level {
        int32_t n;
        double  token_ms; // smoothed; 0: not measured
    };

    const double       target_ms;
    std::vector<level> levels; // 8, 16, 32, ... and n_most
};

}
