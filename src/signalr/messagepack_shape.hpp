#pragma once

#include <string_view>

namespace saker::signalr {

/// Whether the text begins with one whole MessagePack value that is not nested deeper than that:
/// asked before the value is read, since reading nests as deeply as the value does.
bool is_well_formed_messagepack(std::string_view data, int most_nesting) noexcept;

}  // namespace saker::signalr
