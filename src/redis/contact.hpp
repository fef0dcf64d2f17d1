#pragma once

#include <cstdint>
#include <string>

#include "redis/bus_counters.hpp"

namespace saker::redis {

/// Whether Redis is there, as the log and the counters tell it.
///
/// Owner: the bus. Thread rule: the bus's thread.
class contact {
 public:
  explicit contact(bus_counters& counters) noexcept : counters_(counters) {}

  bool is_there() const noexcept { return state_ == state::there; }
  void establish(const std::string& where);
  /// Logged the first time.
  void lose(const std::string& where, const std::string& why);
  void end() noexcept { counters_.connected = false; }

 private:
  enum class state : std::uint8_t { awaited, there, away };

  bus_counters& counters_;
  state state_ = state::awaited;
  bool was_there_ = false;
};

}  // namespace saker::redis
