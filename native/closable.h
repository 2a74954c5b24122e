// What the end of an environment or a model has to stop first: something with a thread that computes. Nothing else is known of it here.
#pragma once

namespace ingot {

class closable {
public:
    virtual ~closable() = default;

    // Ends all work and waits for it. Any thread, any number of times.
    virtual void close() = 0;
};

}
