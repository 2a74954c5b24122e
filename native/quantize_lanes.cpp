// see quantize_lanes.h
#include "quantize_lanes.h"

namespace ingot {

namespace {

const lane_table & choose() {
    static const lane_table none = {};
#if defined(__x86_64__) && defined(__GNUC__)
    if (lanes_avx2.q4_K && __builtin_cpu_supports("avx2")) {
        return lanes_avx2;
    }
#endif
    return none;
}

}

lane_function find_lanes(ggml_type type) {
    static const lane_table & table = choose();
    switch (type) {
        case GGML_TYPE_Q4_K: return table.q4_K;
        case GGML_TYPE_Q5_K: return table.q5_K;
        case GGML_TYPE_Q6_K: return table.q6_K;
        case GGML_TYPE_Q5_0: return table.q5_0;
        case GGML_TYPE_Q8_0: return table.q8_0;
        default: return nullptr;
    }
}

}
