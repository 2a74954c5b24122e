// see api.h
#include "api.h"

#include "log.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>

#ifdef _WIN32
#    define WIN32_LEAN_AND_MEAN
#    include <windows.h>
#else
#    include <dlfcn.h>
#endif

namespace fs = std::filesystem;

namespace ingot {

function_table api;

namespace {

#if defined(_WIN32)
const char * const LIB_PREFIX = "";
const char * const LIB_SUFFIX = ".dll";
#elif defined(__APPLE__)
const char * const LIB_PREFIX = "lib";
const char * const LIB_SUFFIX = ".dylib";
#else
const char * const LIB_PREFIX = "lib";
const char * const LIB_SUFFIX = ".so";
#endif

std::mutex  open_mutex;
bool        is_open = false;
std::string open_dir;
char        abort_path[4096] = "";

void * open_one(const fs::path & path) {
#ifdef _WIN32
    // the altered search path lets the library find its neighbours
    void * handle = (void *) LoadLibraryExW(path.wstring().c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
    if (!handle) {
        throw std::runtime_error("Cannot open " + path.string() + " (Windows error " + std::to_string(GetLastError()) + ")");
    }
#else
    void * handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        throw std::runtime_error("Cannot open " + path.string() + ": " + dlerror());
    }
#endif
    return handle;
}

void * find_symbol(void * handle, const char * name, const fs::path & path) {
#ifdef _WIN32
    void * symbol = (void *) GetProcAddress((HMODULE) handle, name);
#else
    void * symbol = dlsym(handle, name);
#endif
    if (!symbol) {
        throw std::runtime_error(path.string() + " has no function " + name + "; install the node-llama-cpp version that Ingot was built for");
    }
    return symbol;
}

bool starts_with(const std::string & text, const std::string & start) {
    return text.compare(0, start.size(), start) == 0;
}

bool ends_with(const std::string & text, const std::string & end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// File names carry variant and release: `libllama.v0.5.0.so`, `libllama.vulkan.v0.5.0.so`.
fs::path find_library(const fs::path & dir, const std::string & stem, const std::string & variant) {
    const std::string start  = LIB_PREFIX + stem + ".";
    const std::string wanted = start + (variant.empty() ? "" : variant + ".") + INGOT_RELEASE + LIB_SUFFIX;
    std::string       other;
    for (const auto & entry : fs::directory_iterator(dir)) {
        const std::string file = entry.path().filename().string();
        if (file == wanted) {
            return entry.path();
        }
        if (starts_with(file, start) && ends_with(file, LIB_SUFFIX)) {
            other = file;
        }
    }
    throw std::runtime_error("There is no " + wanted + " in " + dir.string() + (other.empty() ? "" : ", only " + other) +
                             "; run npm ci, which builds Ingot for the release that is installed");
}

// node-llama-cpp writes what it built into this file: a cheap check before any of its code runs in our process
void check_metadata(const fs::path & dir) {
    std::ifstream in(dir / "_nlcBuildMetadata.json");
    if (!in) {
        return;
    }
    std::stringstream text;
    text << in.rdbuf();
    const std::string json = text.str();
    const std::string key  = "\"release\":\"";
    const size_t      at   = json.find(key);
    if (at == std::string::npos) {
        return;
    }
    const size_t      begin   = at + key.size();
    const std::string release = json.substr(begin, json.find('"', begin) - begin);
    if (release != INGOT_RELEASE) {
        throw std::runtime_error("The llama.cpp libraries in " + dir.string() + " are of release " + release + " and Ingot was built for " INGOT_RELEASE
                                 "; run npm ci, which builds it again");
    }
}

// The parameter structs travel by value, so a layout that differs from our headers would corrupt silently. Known
// defaults of this release, taken from the beginning, middle and end of each struct, show a shifted field at once.
void check_layout() {
    const llama_context_params c = api.llama_context_default_params();
    const llama_model_params   m = api.llama_model_default_params();
    const bool context_ok = c.n_ctx == 512 && c.n_batch == 2048 && c.n_ubatch == 512 && c.n_seq_max == 1 && c.n_outputs_max_per_seq == 1 &&
                            c.n_threads == GGML_DEFAULT_N_THREADS && c.flash_attn_type == LLAMA_FLASH_ATTN_TYPE_AUTO &&
                            c.yarn_ext_factor == -1.0f && c.defrag_thold == -1.0f && c.cb_eval == nullptr && c.type_k == GGML_TYPE_F16 &&
                            c.type_v == GGML_TYPE_F16 && c.abort_callback == nullptr && !c.embeddings && c.offload_kqv && c.no_perf &&
                            c.op_offload && c.swa_full && !c.kv_unified && c.samplers == nullptr && c.n_samplers == 0 && c.ctx_other == nullptr;
    const bool model_ok = m.devices == nullptr && m.n_gpu_layers == -1 && m.split_mode == LLAMA_SPLIT_MODE_LAYER &&
                          m.load_mode == LLAMA_LOAD_MODE_AUTO && m.lazy_mode == LLAMA_LAZY_MODE_AUTO && m.main_gpu == 0 &&
                          m.progress_callback == nullptr && m.kv_overrides == nullptr && !m.vocab_only && !m.check_tensors &&
                          m.use_extra_bufts && !m.no_host && !m.no_alloc && !m.load_mtp;
    if (!context_ok || !model_ok) {
        throw std::runtime_error("The llama.cpp libraries do not have the parameters that Ingot was compiled with; run npm ci, which builds it again");
    }
}

// runs just before abort(): the parent process reads the file to say why its child died
void write_abort_text(const char * text) {
    if (abort_path[0]) {
        if (FILE * out = fopen(abort_path, "w")) {
            fputs(text, out);
            fclose(out);
        }
    }
    fprintf(stderr, "%s\n", text);
    fflush(stderr);
}

}

void open_libraries(const std::string & dir, const std::string & variant, const std::string & abort_file) {
    std::lock_guard<std::mutex> lock(open_mutex);
    snprintf(abort_path, sizeof(abort_path), "%s", abort_file.c_str());
    if (is_open) {
        if (dir != open_dir) {
            throw std::runtime_error("The llama.cpp libraries of " + open_dir + " are already open in this process");
        }
        return;
    }

    const fs::path folder = fs::u8path(dir);
    if (!fs::is_directory(folder)) {
        throw std::runtime_error("There is no folder " + dir + " with llama.cpp libraries; run npm ci");
    }
    check_metadata(folder);
    const fs::path base_path  = folder / (std::string(LIB_PREFIX) + "ggml-base" + LIB_SUFFIX);
    const fs::path ggml_path  = find_library(folder, "ggml", variant);
    const fs::path llama_path = find_library(folder, "llama", variant);

    // dependencies first: each is then found as already loaded
    void * base  = open_one(base_path);
    void * ggml  = open_one(ggml_path);
    void * llama = open_one(llama_path);
#define INGOT_FIND_BASE(f)  api.f = (decltype(api.f)) find_symbol(base, #f, base_path);
#define INGOT_FIND_GGML(f)  api.f = (decltype(api.f)) find_symbol(ggml, #f, ggml_path);
#define INGOT_FIND_LLAMA(f) api.f = (decltype(api.f)) find_symbol(llama, #f, llama_path);
    INGOT_BASE_FUNCTIONS(INGOT_FIND_BASE)
    INGOT_GGML_FUNCTIONS(INGOT_FIND_GGML)
    INGOT_LLAMA_FUNCTIONS(INGOT_FIND_LLAMA)

    const std::string version = api.ggml_version();
    const std::string commit  = api.ggml_commit();
    if (version != INGOT_GGML_VERSION || (commit != INGOT_COMMIT && commit != "unknown")) {
        throw std::runtime_error("The llama.cpp libraries in " + dir + " are ggml " + version + " (" + commit + ") and Ingot was built for " INGOT_GGML_VERSION
                                 " (" INGOT_COMMIT "); run npm ci, which builds it again");
    }
    check_layout();

    api.ggml_set_abort_callback(write_abort_text);
    api.llama_log_set(log_receive, nullptr);
    // another user of the same libraries in this process may have loaded them
    if (api.ggml_backend_reg_count() == 0) {
        api.ggml_backend_load_all_from_path(dir.c_str());
    }
    ggml_backend_dev_t cpu = api.ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    if (!cpu) {
        throw std::runtime_error("No CPU backend in " + dir + " works on this processor");
    }
    ggml_backend_reg_t reg = api.ggml_backend_dev_backend_reg(cpu);
    api.ggml_threadpool_new  = (decltype(api.ggml_threadpool_new)) api.ggml_backend_reg_get_proc_address(reg, "ggml_threadpool_new");
    api.ggml_threadpool_free = (decltype(api.ggml_threadpool_free)) api.ggml_backend_reg_get_proc_address(reg, "ggml_threadpool_free");
    if (!api.ggml_threadpool_new || !api.ggml_threadpool_free) {
        throw std::runtime_error("The CPU backend in " + dir + " has no thread pool");
    }
    api.llama_backend_init();
    is_open  = true;
    open_dir = dir;
}

void require_open_libraries() {
    std::lock_guard<std::mutex> lock(open_mutex);
    if (!is_open) {
        throw std::invalid_argument("open() comes first");
    }
}

std::vector<device> list_devices() {
    std::vector<device> devices;
    for (size_t i = 0; i < api.ggml_backend_dev_count(); i++) {
        ggml_backend_dev_t                 dev  = api.ggml_backend_dev_get(i);
        const enum ggml_backend_dev_type   type = api.ggml_backend_dev_type(dev);
        const bool is_gpu = type == GGML_BACKEND_DEVICE_TYPE_GPU || type == GGML_BACKEND_DEVICE_TYPE_IGPU;
        if (!is_gpu && type != GGML_BACKEND_DEVICE_TYPE_CPU) {
            continue; // accelerators such as BLAS are no place for layers
        }
        device d{ api.ggml_backend_dev_name(dev), api.ggml_backend_dev_description(dev), is_gpu, 0, 0 };
        api.ggml_backend_dev_memory(dev, &d.n_bytes_free, &d.n_bytes_total);
        devices.push_back(std::move(d));
    }
    return devices;
}

}
