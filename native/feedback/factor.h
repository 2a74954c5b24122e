// A hessian taken apart for rounding from the first column to the last: how much of each column's error the later columns
// take over, and what an error that is left in a column costs once they have.
#pragma once

#include "hessian.h"

namespace ingot {

struct factored {
    std::vector<float> feedback; // n_columns^2, see feed_panel
    std::vector<float> costs;    // n_columns
};

// Brings the damping of the hessian to `damping` (a share of its diagonal's average); to more where it is not positive definite with that.
// Throws cancelled_error, std::runtime_error when no damping helps.
factored factor(hessian & h, float damping, int n_threads, const std::function<bool()> & is_stopped);

}
