// see log.h
#include "log.h"

#include <mutex>

namespace ingot {

namespace {

// never destroyed: the libraries may log from their own static destructors
std::mutex & listener_mutex = *new std::mutex;
std::function<void(const log_line &)> & listener = *new std::function<void(const log_line &)>;

thread_local log_capture * capture = nullptr;
thread_local log_line      partial{ GGML_LOG_LEVEL_INFO, "" };

void finish_line() {
    if (partial.text.empty()) {
        return;
    }
    if (capture) {
        capture->lines.push_back(partial);
    }
    {
        std::lock_guard<std::mutex> lock(listener_mutex);
        if (listener) {
            listener(partial);
        }
    }
    partial.text.clear();
}

// "llama_model_load: error loading model: missing tensor 'x'" -> "missing tensor 'x'"
std::string without_prefix(const std::string & text) {
    size_t begin = 0;
    const size_t colon = text.find(": ");
    if (colon != std::string::npos && text.find(' ') > colon) {
        begin = colon + 2;
    }
    const std::string generic = "error loading model: ";
    if (text.compare(begin, generic.size(), generic) == 0) {
        begin += generic.size();
    }
    return text.substr(begin);
}

}

void log_receive(enum ggml_log_level level, const char * text, void * /*user*/) {
    if (level != GGML_LOG_LEVEL_CONT) {
        finish_line();
        partial.level = level == GGML_LOG_LEVEL_NONE ? GGML_LOG_LEVEL_INFO : level;
    }
    for (const char * p = text; *p; p++) {
        if (*p == '\n') {
            finish_line();
        } else {
            partial.text += *p;
        }
    }
}

void log_set_listener(std::function<void(const log_line &)> next) {
    std::lock_guard<std::mutex> lock(listener_mutex);
    listener = std::move(next);
}

log_capture::log_capture() : previous(capture) {
    capture = this;
}

log_capture::~log_capture() {
    capture = previous;
}

std::string log_capture::errors() const {
    std::string joined;
    for (const auto & line : lines) {
        const std::string text = line.level == GGML_LOG_LEVEL_ERROR ? without_prefix(line.text) : "";
        // the last two lines of every failed load only repeat that it failed
        if (text.empty() || text.find("failed to load model") != std::string::npos || joined.find(text) != std::string::npos) {
            continue;
        }
        joined += (joined.empty() ? "" : "; ") + text;
    }
    return joined;
}

}
