#pragma once

#include <saker/binding/document.hpp>

namespace saker::signalr {

/// Any value of either protocol.
using json = saker::json;

}  // namespace saker::signalr
