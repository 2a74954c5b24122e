// A model as JavaScript holds it. JavaScript thread only.
#pragma once

#include "../model.h"
#include "environment.h"

#include <list>
#include <stdexcept>

namespace ingot {

struct model_holder {
    std::shared_ptr<model>             loaded;
    bool                               is_closed = false;
    std::list<std::weak_ptr<closable>> contexts; // and embedders

    const model & get() const {
        if (is_closed) {
            throw std::invalid_argument("The model is closed");
        }
        return *loaded;
    }
};

// What a JavaScript object that loadModel gave holds. Throws std::invalid_argument for any other value.
std::shared_ptr<model_holder> holder_of(const Napi::Value & value);

}
