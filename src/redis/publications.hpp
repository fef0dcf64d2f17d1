#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redis/bus_counters.hpp"
#include "redis/bus_settings.hpp"
#include "redis/publication.hpp"

namespace saker::redis {

/// The messages under way: how much they may be together, what becomes of each, and those that
/// wait until it is known which server their slot has.
///
/// Owner: the bus. Thread rule: the bus's thread, but for what says otherwise.
class publications {
 public:
  publications(const bus_settings& settings, bus_counters& counters) noexcept
      : settings_(settings), counters_(counters) {}

  // From any thread.
  publication make(std::string channel, std::string_view payload, publish_listener listener) const;
  /// Counts it; settles it, and returns false, when too much is under way.
  bool admit(publication& what);
  void settle(publication& what, const publish_result& result);
  void settle_all(std::vector<publication> what, const std::string& error);

  void keep(publication what) { homeless_.push_back(std::move(what)); }
  std::vector<publication> take_homeless() { return std::exchange(homeless_, {}); }
  /// Moves those that have waited too long.
  void take_late(std::chrono::steady_clock::time_point now, std::vector<publication>& to);

 private:
  const bus_settings& settings_;
  bus_counters& counters_;
  std::vector<publication> homeless_;
};

}  // namespace saker::redis
