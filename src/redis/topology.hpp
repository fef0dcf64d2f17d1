#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saker/async/event_loop.hpp>
#include <saker/async/task.hpp>

#include "redis/address.hpp"
#include "redis/bus_settings.hpp"
#include "redis/slots.hpp"

namespace saker::redis {

class bus;
class node;

/// The servers that there are, and whose each channel is: one server, or the masters of a cluster,
/// which is asked for them until it answers.
///
/// Owner: the bus. Thread rule: the bus's thread.
class topology {
 public:
  topology(bus& owner, event_loop& loop, const bus_settings& settings);
  ~topology();
  topology(const topology&) = delete;
  topology& operator=(const topology&) = delete;

  void start();
  void stop();
  const std::map<address, std::unique_ptr<node>>& nodes() const noexcept { return nodes_; }
  /// Returns null where nobody is known to have the channel's slot.
  node* node_of(std::string_view channel) const;
  bool is_ready() const;
  void flush();

  /// A cluster may have changed: asks it, if nobody does so yet.
  void request();

 private:
  enum class inquiry : std::uint8_t { never_made, under_way, over };

  task<void> refresh(bool at_once);
  task<slot_map> ask(address where);
  void apply(slot_map found);
  void retire_missing();

  bus& bus_;
  event_loop& loop_;
  const bus_settings& settings_;
  std::map<address, std::unique_ptr<node>> nodes_;
  std::vector<std::unique_ptr<node>> retired_;  ///< Their tasks may still run.
  slot_map slots_;
  inquiry inquiry_ = inquiry::never_made;
};

}  // namespace saker::redis
