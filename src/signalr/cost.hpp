#pragma once

#include <cstddef>

#include <saker/signalr/json.hpp>

namespace saker::signalr {

/// What a value takes of the memory, about: an empty array is two bytes of JSON and fifty here.
std::size_t cost_of(const json& value) noexcept;

}  // namespace saker::signalr
