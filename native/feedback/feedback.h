// Rows of weights to blocks with error feedback: what a column loses by rounding, the later ones make up for as far as the
// hessian of their inputs lets them. The blocks are of an ordinary ggml type and as large as ever. Any thread.
#pragma once

#include "factor.h"

#include "../quantize.h"

#include <list>
#include <mutex>

namespace ingot {

class feedback {
public:
    feedback(hessians found, int n_threads);

    std::vector<std::string> weights() const;
    // Throws std::invalid_argument for a weight that there is none for.
    const hessian & of(const std::string & weight) const;

    // Throws std::invalid_argument when there is no hessian for the weight, or blocks or columns do not fit it.
    void check(const std::string & weight, const quantize_job & job) const;
    // As quantize_rows; importances are not looked at. Also throws cancelled_error after stop().
    void quantize(const std::string & weight, const quantize_job & job);

    void stop() { is_stopped = true; }

private:
    struct entry {
        std::shared_ptr<hessian>        matrix;
        std::shared_ptr<const factored> parts;
        std::mutex                      mutex; // while it is taken apart
    };

    std::shared_ptr<const factored> parts_of(const std::shared_ptr<entry> & e, const std::atomic<bool> & stopping);

    void                            forget_old();

    std::map<std::string, std::shared_ptr<entry>> entries; // weights of the same input have the same
    std::list<std::shared_ptr<entry>>             recent;  // those whose parts are kept
    std::mutex                                    mutex;
    std::atomic<bool>                             is_stopped{ false };
    const int                                     n_threads;
};

}
