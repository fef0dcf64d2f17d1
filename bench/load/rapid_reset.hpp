#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "arguments.hpp"
#include "wire.hpp"

namespace saker_load {

/// An attacker (CVE-2023-44487): opens streams of HTTP/2 and resets them, as fast as the server
/// lets it, and connects again when it is cut off.
class rapid_reset {
 public:
  explicit rapid_reset(const arguments& options);

  /// One more burst. Never waits, but to connect.
  void push();

  std::size_t resets() const { return resets_; }
  std::size_t cut_off() const { return cut_off_; }

 private:
  void connect();
  bool send();
  bool take(std::string_view data);

  arguments options_;
  std::optional<wire> wire_;
  std::string outgoing_;
  std::string arrived_;
  std::uint32_t next_stream_ = 1;
  std::size_t resets_ = 0;
  std::size_t cut_off_ = 0;
};

}  // namespace saker_load
