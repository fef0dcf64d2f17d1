#include "redis/bus.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include "async/loop_state.hpp"
#include "observe/log.hpp"
#include "redis/node.hpp"

namespace saker::redis {
namespace {

constexpr std::size_t channels_per_command = 512;
/// Changes of subscriptions that wait while Redis does not take them; then all are made anew.
constexpr std::size_t most_changes = std::size_t{16} * 1024 * 1024;
constexpr std::chrono::milliseconds expiry_check{100};
constexpr std::chrono::milliseconds topology_pause{200};

}  // namespace

bus::bus(bus_settings settings)
    : settings_(std::move(settings)),
      expiry_([](void* self) { static_cast<bus*>(self)->expire(); }, this) {
  if (settings_.sharded) return;
  const auto& where = settings_.seeds.front();
  nodes_[where] = std::make_unique<node>(*this, loop_, settings_.link, where);
}

bus::~bus() { stop(); }

void bus::start() {
  loop_.post([this] {
    for (const auto& [where, each] : nodes_) each->start();
    request_topology();
  });
  thread_ = std::thread([this] { loop_.run(); });
}

void bus::stop() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
  counters_.connected = false;
  std::vector<publication> left;
  for (const auto& [where, each] : nodes_) {
    each->stop();
    each->take_waiting([](const auto&) { return true; }, left);
  }
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    std::move(publications_.begin(), publications_.end(), std::back_inserter(left));
    publications_.clear();
  }
  std::move(homeless_.begin(), homeless_.end(), std::back_inserter(left));
  homeless_.clear();
  for (auto& each : left) settle(each, {0, "The server has ended."});
  release_waiters(nullptr);
  expire_waiters(time_point::max());
}

// From any thread.

/// What a turn of a loop publishes is passed on once, at its end: waking the bus's thread for each
/// message was half of what publishing cost.
struct bus::wakeup final : async::turn_task {
  bus* of = nullptr;
  void on_turn_end() override { std::exchange(of, nullptr)->wake(); }
};

void bus::schedule() {
  auto* const loop = event_loop::current();
  if (!loop || loop == &loop_) {
    wake();
    return;
  }
  auto& waiting = loop->state().local<wakeup>();
  if (waiting.of && waiting.of != this) {
    wake();
    return;
  }
  waiting.of = this;
  loop->state().at_turn_end(waiting);
}

void bus::wake() {
  const std::scoped_lock lock(mutex_);
  if (!posted_) loop_.post([this] { take_work(); });
  posted_ = true;
}

void bus::publish(std::string channel, std::string_view payload, publish_listener listener) {
  publication made;
  made.command = command({settings_.sharded ? "SPUBLISH" : "PUBLISH", channel, payload});
  made.channel = std::move(channel);
  made.listener = std::move(listener);
  made.deadline = std::chrono::steady_clock::now() + settings_.publish_timeout;
  const auto size = made.cost();
  if (counters_.pending_bytes.fetch_add(size) + size > settings_.publish_buffer_size) {
    settle(made, {0, "Too much waits to be published; Redis is too slow, or away."});
    return;
  }
  bool stopped = false;
  {
    const std::scoped_lock lock(mutex_);
    stopped = stopped_;
    if (!stopped) publications_.push_back(std::move(made));
  }
  if (stopped) {
    settle(made, {0, "The server has ended."});
  } else {
    schedule();
  }
}

void bus::subscribe(std::string channel, channel_receiver& receiver) {
  {
    const std::scoped_lock lock(mutex_);
    auto& entry = subscriptions_[channel];
    if (!entry.receiver) entry.receiver = &receiver;
    changes_.insert(std::move(channel));
  }
  schedule();
}

void bus::unsubscribe(const std::string& channel) {
  std::vector<subscription_waiter> waiters;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = subscriptions_.find(channel);
    if (found == subscriptions_.end()) return;
    const bool requested = found->second.requested;
    if (requested) changes_.insert(channel);
    found->second.receiver = nullptr;
    waiters = std::exchange(found->second.waiters, {});
    if (!requested) {
      // What comes and goes between two turns leaves nothing, however often it does.
      changes_.erase(channel);
      subscriptions_.erase(found);
    }
  }
  schedule();
  for (auto& each : waiters) each.outcome.try_set_value();
}

std::optional<completion_source<std::string>> bus::confirmation(const std::string& channel,
                                                                bool insists) {
  const std::scoped_lock lock(mutex_);
  const auto found = subscriptions_.find(channel);
  if (found == subscriptions_.end() || !found->second.receiver) return {};
  if (found->second.confirmed || stopped_) return {};
  if (is_reported_ && !insists) return {};
  auto& made = found->second.waiters.emplace_back();
  made.insists = insists;
  if (insists) {
    ++insisting_;
    if (is_reported_) {
      made.deadline = std::chrono::steady_clock::now() + settings_.publish_timeout;
    }
  }
  return made.outcome;
}

// On the bus's thread.

void bus::take_work() {
  std::vector<publication> publications;
  std::unordered_set<std::string> changes;
  {
    const std::scoped_lock lock(mutex_);
    posted_ = false;
    publications.swap(publications_);
    changes.swap(changes_);
  }
  apply_subscriptions(changes);
  for (auto& each : publications) route_publication(std::move(each));
  for (const auto& [where, each] : nodes_) each->flush();
}

node* bus::route(std::string_view channel) {
  if (!settings_.sharded) return nodes_.begin()->second.get();
  const auto* const where = slots_.master_of(slot_of(channel));
  const auto found = where ? nodes_.find(*where) : nodes_.end();
  return found == nodes_.end() ? nullptr : found->second.get();
}

void bus::route_publication(publication what) {
  auto* const to = route(what.channel);
  const bool waits = !to || !to->is_ready();
  if (to) {
    to->publish(std::move(what));
  } else {
    homeless_.push_back(std::move(what));
  }
  if (waits && !expiry_.is_set()) expiry_.set(loop_.state().deadlines(), expiry_check);
}

void bus::settle(publication& what, const publish_result& result) {
  ++(result.error.empty() ? counters_.published : counters_.publishes_failed);
  counters_.pending_bytes -= what.cost();
  if (what.listener) what.listener(result);
}

/// Looks at what waits while Redis is away.
void bus::expire() {
  const auto now = std::chrono::steady_clock::now();
  const auto is_late = [&](const publication& each) { return each.deadline <= now; };
  std::vector<publication> late;
  for (const auto& [where, each] : nodes_) each->take_waiting(is_late, late);
  std::erase_if(homeless_, [&](auto& each) {
    if (!is_late(each)) return false;
    late.push_back(std::move(each));
    return true;
  });
  for (auto& each : late) {
    settle(each, {0, "Redis could not be reached within " +
                         std::to_string(settings_.publish_timeout.count()) + " ms."});
  }
  expire_waiters(now);
  if (!counters_.connected) expiry_.set(loop_.state().deadlines(), expiry_check);
}

// Subscriptions.

void bus::apply_subscriptions(const std::unordered_set<std::string>& channels) {
  std::map<node*, std::vector<std::string>> begun;
  std::map<node*, std::vector<std::string>> ended;
  told released;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& channel : channels) {
      const auto found = subscriptions_.find(channel);
      if (found == subscriptions_.end()) continue;
      auto* const to = route(channel);
      const bool up = to && to->is_subscriber_up();
      auto& entry = found->second;
      if (!entry.receiver) {
        if (up && entry.requested) ended[to].push_back(channel);
        subscriptions_.erase(found);
        continue;
      }
      if (up && (entry.on != to || !entry.requested)) {
        entry.requested = true;
        begun[to].push_back(channel);
      } else if (!up && is_reported_) {
        release_patient(entry, released);
      }
      entry.on = to;
    }
  }
  for (auto& [to, names] : ended)
    send(*to, settings_.sharded ? "SUNSUBSCRIBE" : "UNSUBSCRIBE", names);
  for (auto& [to, names] : begun) send_subscriptions(*to, names);
  for (const auto& [where, each] : nodes_) each->limit_changes(most_changes);
  for (auto& each : released) each.try_set_value();
}

void bus::send_subscriptions(node& to, const std::vector<std::string>& channels) {
  for (const auto& each : channels) to.unanswered().expect(each);
  send(to, settings_.sharded ? "SSUBSCRIBE" : "SUBSCRIBE", channels);
}

/// Channels of a cluster must not be of different slots in one command.
void bus::send(node& to, std::string_view verb, const std::vector<std::string>& channels) {
  const std::size_t most = settings_.sharded ? 1 : channels_per_command;
  std::string commands;
  for (std::size_t i = 0; i < channels.size(); i += most) {
    std::vector<std::string_view> words{verb};
    for (std::size_t at = i; at < std::min(i + most, channels.size()); ++at) {
      words.push_back(channels[at]);
    }
    commands += command(words);
  }
  to.send_to_subscriber(commands);
}

void bus::on_subscriber_up(node& which) {
  std::vector<std::string> channels;
  {
    const std::scoped_lock lock(mutex_);
    for (auto& [channel, entry] : subscriptions_) {
      if (!entry.receiver || route(channel) != &which) continue;
      entry.on = &which;
      entry.requested = true;
      channels.push_back(channel);
    }
  }
  which.unanswered().await(channels.size());
  send_subscriptions(which, channels);
  which.note_full_list();
}

void bus::on_subscriber_down(node& which) {
  const std::scoped_lock lock(mutex_);
  for (auto& [channel, entry] : subscriptions_) {
    if (entry.on != &which) continue;
    entry.confirmed = entry.requested = false;
  }
}

void bus::on_confirmed(const node& by, std::string_view channel) {
  std::vector<subscription_waiter> waiters;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = subscriptions_.find(std::string(channel));
    if (found == subscriptions_.end() || found->second.on != &by) return;
    found->second.confirmed = true;
    waiters = std::exchange(found->second.waiters, {});
  }
  for (auto& each : waiters) each.outcome.try_set_value();
}

void bus::on_message(std::string_view channel, std::string_view payload) {
  ++counters_.received;
  channel_receiver* receiver = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = subscriptions_.find(std::string(channel));
    if (found != subscriptions_.end()) receiver = found->second.receiver;
  }
  if (receiver) receiver->on_message(channel, payload);
}

/// Null: all of them.
void bus::release_waiters(node* on) {
  told released;
  {
    const std::scoped_lock lock(mutex_);
    for (auto& [channel, entry] : subscriptions_) {
      if (on && entry.on && entry.on != on) continue;
      release_patient(entry, released);
    }
  }
  for (auto& each : released) each.try_set_value();
}

/// Redis is away: who does not insist need not wait for it, and who does, not for ever. Under the
/// lock.
void bus::release_patient(subscription& of, told& released) {
  std::erase_if(of.waiters, [&](auto& each) {
    if (each.insists) {
      if (!each.deadline) {
        each.deadline = std::chrono::steady_clock::now() + settings_.publish_timeout;
      }
      return false;
    }
    released.push_back(std::move(each.outcome));
    return true;
  });
}

void bus::expire_waiters(time_point now) {
  told late;
  {
    const std::scoped_lock lock(mutex_);
    if (insisting_ == 0) return;
    insisting_ = 0;
    for (auto& [channel, entry] : subscriptions_) {
      std::erase_if(entry.waiters, [&](auto& each) {
        if (!each.deadline || *each.deadline > now) {
          if (each.insists) ++insisting_;
          return false;
        }
        late.push_back(std::move(each.outcome));
        return true;
      });
    }
  }
  for (auto& each : late) {
    each.try_set_value("Redis could not be reached within " +
                       std::to_string(settings_.publish_timeout.count()) + " ms.");
  }
}

// How it stands with Redis.

void bus::on_ready() {
  const bool all = std::all_of(nodes_.begin(), nodes_.end(),
                               [](const auto& each) { return each.second->is_ready(); });
  if (!all || counters_.connected) return;
  counters_.connected = true;
  is_reported_ = false;
  observe::log(observe::log_level::information,
               std::string(std::exchange(was_connected_, true) ? "Redis is back at "
                                                               : "Connected to Redis at ") +
                   nodes_.begin()->first.text() + ".");
}

void bus::on_down(node& which, const std::string& why) {
  report_down(which.where().text(), why);
  release_waiters(&which);
  if (settings_.sharded) request_topology();
}

void bus::report_down(const std::string& where, const std::string& why) {
  if (counters_.connected.exchange(false)) ++counters_.connections_lost;
  if (!expiry_.is_set()) expiry_.set(loop_.state().deadlines(), expiry_check);
  if (is_reported_.exchange(true)) return;
  observe::log(observe::log_level::warning,
               "Redis at " + where + " is away: " + why +
                   " Until it is back, clients of other servers cannot be reached.");
}

// A cluster.

void bus::request_topology() {
  if (!settings_.sharded || std::exchange(refreshing_, true)) return;
  spawn(loop_, refresh_topology());
}

task<void> bus::refresh_topology() {
  for (;;) {
    auto pause = delay(topology_pause * (was_asked_ ? 1 : 0));
    co_await pause;
    was_asked_ = true;
    std::vector<address> known = slots_.masters();
    known.insert(known.end(), settings_.seeds.begin(), settings_.seeds.end());
    std::string why;
    slot_map found;
    for (const auto& each : known) {
      try {
        auto asking = ask_for_topology(each, found);
        co_await asking;
        why.clear();
        break;
      } catch (const std::exception& error) {
        why = error.what();
      }
    }
    if (why.empty()) {
      apply_topology(std::move(found));
      break;
    }
    report_down(known.front().text(), why);
    release_waiters(nullptr);
  }
  refreshing_ = false;
}

task<void> bus::ask_for_topology(address where, slot_map& found) {
  const auto asked = std::make_shared<session>(loop_, settings_.link, settings_.link.tls.get());
  auto opening = asked->open(where);
  co_await opening;
  auto signing_in = asked->sign_in(settings_.link.user, settings_.link.password);
  co_await signing_in;
  auto asking = asked->ask(command({"CLUSTER", "SLOTS"}));
  const auto answer = co_await asking;
  asked->close();
  found = slot_map(*answer, where);
  if (found.masters().empty()) throw redis_error("No node of the cluster has a slot.");
}

/// Those whose tasks have ended.
void bus::forget_retired() {
  std::erase_if(retired_, [](const auto& each) { return each->has_ended(); });
}

void bus::apply_topology(slot_map found) {
  slots_ = std::move(found);
  forget_retired();
  for (auto each = nodes_.begin(); each != nodes_.end();) {
    const auto& masters = slots_.masters();
    if (std::find(masters.begin(), masters.end(), each->first) != masters.end()) {
      ++each;
      continue;
    }
    each->second->stop();
    each->second->take_waiting([](const auto&) { return true; }, homeless_);
    retired_.push_back(std::move(each->second));
    each = nodes_.erase(each);
  }
  for (const auto& where : slots_.masters()) {
    auto& each = nodes_[where];
    if (each) continue;
    each = std::make_unique<node>(*this, loop_, settings_.link, where);
    each->start();
  }
  std::unordered_set<std::string> channels;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [channel, entry] : subscriptions_) channels.insert(channel);
  }
  apply_subscriptions(channels);
  for (auto& each : std::exchange(homeless_, {})) route_publication(std::move(each));
  for (const auto& [where, each] : nodes_) each->flush();
}

void bus::on_taken_away(std::string_view channel) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = subscriptions_.find(std::string(channel));
    if (found == subscriptions_.end()) return;
    found->second.requested = found->second.confirmed = false;
  }
  request_topology();
}

}  // namespace saker::redis
