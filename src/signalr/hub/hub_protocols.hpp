#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include <saker/signalr/hub/hub_options.hpp>
#include <saker/signalr/protocol/hub_protocol.hpp>

namespace saker::signalr {

/// A protocol, and its place among those of its hub.
struct spoken_protocol {
  const hub_protocol* how;
  std::size_t place;
};

/// The protocols that a hub knows: the application's own, and the built-in ones whose names those
/// have not taken. Any thread.
class hub_protocols {
 public:
  explicit hub_protocols(const hub_options& options);

  /// Null: it is not known.
  const spoken_protocol* find(std::string_view name) const noexcept;
  std::size_t size() const noexcept { return all_.size(); }
  auto begin() const noexcept { return all_.begin(); }
  auto end() const noexcept { return all_.end(); }

 private:
  const std::vector<std::shared_ptr<const hub_protocol>> own_;
  std::vector<spoken_protocol> all_;
};

/// Whether the options name it among `supported_protocols`, or leave that open.
bool is_supported(const hub_options& options, const hub_protocol& protocol) noexcept;

}  // namespace saker::signalr
