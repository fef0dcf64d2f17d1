#pragma once

#include <saker/binding/document.hpp>

namespace saker::signalr {

/// A value of any type, in either protocol.
using json = saker::json;

}  // namespace saker::signalr
