#pragma once

#include <nlohmann/json.hpp>

namespace saker::signalr {

/// The value model of both hub protocols: arguments and results are whatever it can convert.
using json = nlohmann::json;

}  // namespace saker::signalr
