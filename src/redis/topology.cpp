#include "redis/topology.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "redis/bus.hpp"
#include "redis/node.hpp"

namespace saker::redis {
namespace {

constexpr std::chrono::milliseconds pause_between{200};

}  // namespace

topology::topology(bus& owner, event_loop& loop, const bus_settings& settings)
    : bus_(owner), loop_(loop), settings_(settings) {
  if (settings_.sharded) return;
  const auto& where = settings_.seeds.front();
  nodes_[where] = std::make_unique<node>(bus_, loop_, settings_.link, where);
}

topology::~topology() = default;

void topology::start() {
  for (const auto& [where, each] : nodes_) each->start();
  request();
}

void topology::stop() {
  for (const auto& [where, each] : nodes_) each->stop();
}

node* topology::node_of(std::string_view channel) const {
  if (!settings_.sharded) return nodes_.begin()->second.get();
  const auto* const where = slots_.master_of(slot_of(channel));
  const auto found = where ? nodes_.find(*where) : nodes_.end();
  return found == nodes_.end() ? nullptr : found->second.get();
}

bool topology::is_ready() const {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [](const auto& each) { return each.second->is_ready(); });
}

void topology::flush() {
  for (const auto& [where, each] : nodes_) each->flush();
}

void topology::request() {
  if (!settings_.sharded || inquiry_ == inquiry::under_way) return;
  const bool first = std::exchange(inquiry_, inquiry::under_way) == inquiry::never_made;
  spawn(loop_, refresh(first));
}

task<void> topology::refresh(bool at_once) {
  auto pause = at_once ? pause_between.zero() : pause_between;
  for (;;) {
    auto waiting = delay(std::exchange(pause, pause_between));
    co_await waiting;
    std::vector<address> known = slots_.masters();
    known.insert(known.end(), settings_.seeds.begin(), settings_.seeds.end());
    std::string why;
    std::optional<slot_map> found;
    for (std::size_t i = 0; i < known.size() && !found; ++i) {
      try {
        auto asking = ask(known[i]);
        found = co_await asking;
      } catch (const std::exception& error) {
        why = error.what();
      }
    }
    if (found) {
      apply(*std::move(found));
      break;
    }
    bus_.on_no_topology(known.front().text(), why);
  }
  inquiry_ = inquiry::over;
}

task<slot_map> topology::ask(address where) {
  const auto asked = std::make_shared<session>(loop_, settings_.link, settings_.link.tls.get());
  auto opening = asked->open(where);
  co_await opening;
  auto signing_in = asked->sign_in(settings_.link.user, settings_.link.password);
  co_await signing_in;
  auto asking = asked->ask(command({"CLUSTER", "SLOTS"}));
  const auto answer = co_await asking;
  asked->close();
  slot_map found(*answer, where);
  if (found.masters().empty()) throw redis_error("No node of the cluster has a slot.");
  co_return found;
}

void topology::apply(slot_map found) {
  slots_ = std::move(found);
  std::erase_if(retired_, [](const auto& each) { return each->has_ended(); });
  retire_missing();
  for (const auto& where : slots_.masters()) {
    auto& each = nodes_[where];
    if (each) continue;
    each = std::make_unique<node>(bus_, loop_, settings_.link, where);
    each->start();
  }
  bus_.on_topology();
}

void topology::retire_missing() {
  const auto& masters = slots_.masters();
  for (auto each = nodes_.begin(); each != nodes_.end();) {
    if (std::find(masters.begin(), masters.end(), each->first) != masters.end()) {
      ++each;
      continue;
    }
    each->second->stop();
    each->second->hand_over_waiting();
    retired_.push_back(std::move(each->second));
    each = nodes_.erase(each);
  }
}

}  // namespace saker::redis
