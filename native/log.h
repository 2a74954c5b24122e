// llama.cpp's log: joins its fragments to lines, passes them to one listener, and keeps what a thread logged while it
// loads something, because that is the only place where llama.cpp says why it failed.
#pragma once

#include "ggml.h"

#include <functional>
#include <string>
#include <vector>

namespace ingot {

struct log_line {
    int         level; // 1 debug, 2 info, 3 warn, 4 error
    std::string text;
};

// the callback given to llama_log_set; may be called from any thread
void log_receive(enum ggml_log_level level, const char * text, void * user);

// one listener per process; called on the logging thread, must not log
void log_set_listener(std::function<void(const log_line &)> listener);

// collects the lines of this thread from construction to destruction
class log_capture {
public:
    log_capture();
    ~log_capture();

    log_capture(const log_capture &) = delete;
    log_capture & operator=(const log_capture &) = delete;

    // the error lines, shortened and joined; "" when there was none
    std::string errors() const;

    std::vector<log_line> lines;

private:
    log_capture * previous;
};

}
