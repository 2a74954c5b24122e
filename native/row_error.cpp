// see row_error.h
#include "row_error.h"

#include "api.h"

#include <algorithm>

namespace ingot {

namespace {

double weighted(const float * values, const float * others, const float * weights, int64_t n_rows, int64_t n_per_row) {
    double total = 0;
    for (int64_t row = 0; row < n_rows; row++) {
        double sum = 0;
        for (int64_t i = 0; i < n_per_row; i++) {
            const int64_t at   = row * n_per_row + i;
            const double  diff = (double) values[at] - (others ? others[at] : 0.0f);
            sum += diff * diff * (weights ? weights[i] : 1.0f);
        }
        total += sum;
    }
    return total;
}

quantize_job job_of(const row_error_job & job, ggml_type type) {
    quantize_job one{};
    one.type      = type;
    one.n_per_row = job.n_per_row;
    one.imatrix   = job.imatrix;
    one.stopping  = job.stopping;
    return one;
}

}

void check_row_error(const row_error_job & job) {
    row_bytes(job.source_type, job.n_per_row);
    for (ggml_type type : job.types) {
        row_bytes(type, job.n_per_row);
        if (type != GGML_TYPE_F32 && !api.ggml_get_type_traits(type)->to_float) {
            throw std::invalid_argument(std::string("Rows of ") + api.ggml_type_name(type) + " cannot be turned into floats");
        }
        check_quantize(job_of(job, type));
    }
}

std::vector<double> row_error(const row_error_job & job) {
    std::vector<double>  errors(job.types.size() + 1, 0.0);
    const int64_t        n_chunk_rows   = std::max<int64_t>(1, 65536 / job.n_per_row); // as quantize_rows
    const int64_t        n_source_bytes = row_bytes(job.source_type, job.n_per_row);
    std::vector<float>   values;
    std::vector<float>   back;
    std::vector<uint8_t> blocks;

    for (int64_t row = 0; row < job.n_rows && !*job.stopping; row += n_chunk_rows) {
        const int64_t n_rows = std::min(n_chunk_rows, job.n_rows - row);
        const int64_t n      = n_rows * job.n_per_row;
        values.resize(n);
        back.resize(n);
        quantize_job floats = job_of(job, GGML_TYPE_F32);
        floats.source       = job.source + row * n_source_bytes;
        floats.source_type  = job.source_type;
        floats.via          = job.via;
        floats.n_rows       = n_rows;
        floats.target       = (uint8_t *) values.data();
        quantize_rows(floats);
        errors[0] += weighted(values.data(), nullptr, job.imatrix, n_rows, job.n_per_row);
        for (size_t i = 0; i < job.types.size() && !*job.stopping; i++) {
            const ggml_type type = job.types[i];
            if (type == GGML_TYPE_F32) {
                continue;
            }
            quantize_job one = job_of(job, type);
            blocks.resize(n_rows * row_bytes(type, job.n_per_row));
            one.source      = (const uint8_t *) values.data();
            one.source_type = GGML_TYPE_F32;
            one.via         = float_type::f32;
            one.n_rows      = n_rows;
            one.target      = blocks.data();
            quantize_rows(one);
            api.ggml_get_type_traits(type)->to_float(blocks.data(), back.data(), n);
            errors[i + 1] += weighted(values.data(), back.data(), job.imatrix, n_rows, job.n_per_row);
        }
    }
    return errors;
}

}
