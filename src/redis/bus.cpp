#include "redis/bus.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include "async/loop_state.hpp"
#include "redis/node.hpp"

namespace saker::redis {
namespace {

constexpr std::chrono::milliseconds expiry_check{100};
constexpr auto has_ended = "The server has ended.";

}  // namespace

bus::bus(bus_settings settings)
    : settings_(std::move(settings)),
      mailbox_(loop_, [this] { take_work(); }),
      publications_(settings_, counters_),
      contact_(counters_),
      topology_(*this, loop_, settings_),
      subscriptions_(settings_, topology_),
      expiry_([](void* self) { static_cast<bus*>(self)->expire(); }, this) {}

bus::~bus() { stop(); }

void bus::start() {
  loop_.post([this] { topology_.start(); });
  thread_ = std::thread([this] { loop_.run(); });
}

void bus::stop() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
  contact_.end();
  topology_.stop();
  for (const auto& [where, each] : topology_.nodes()) each->hand_over_waiting();
  for (auto& each : mailbox_.close()) publications_.keep(std::move(each));
  publications_.settle_all(publications_.take_homeless(), has_ended);
  subscriptions_.end();
}

// From any thread.

void bus::publish(std::string channel, std::string_view payload, publish_listener listener) {
  auto made = publications_.make(std::move(channel), payload, std::move(listener));
  if (!publications_.admit(made)) return;
  if (mailbox_.add(made)) {
    mailbox_.notify();
  } else {
    publications_.settle(made, {0, has_ended});
  }
}

void bus::subscribe(std::string channel, std::shared_ptr<channel_receiver> receiver) {
  subscriptions_.subscribe(std::move(channel), std::move(receiver));
  mailbox_.notify();
}

void bus::unsubscribe(const std::string& channel) {
  subscriptions_.unsubscribe(channel);
  mailbox_.notify();
}

std::optional<confirmation_source> bus::confirmation(const std::string& channel, bool insists) {
  return subscriptions_.confirmation(channel, insists);
}

// On the bus's thread.

void bus::take_work() {
  auto taken = mailbox_.take();
  apply(subscriptions_.take_changes());
  for (auto& each : taken) send(std::move(each));
  topology_.flush();
}

void bus::apply(const subscription_changes& changes) {
  for (const auto& [to, channels] : changes.ended) to->unsubscribe(channels);
  for (const auto& [to, channels] : changes.begun) to->subscribe(channels);
  for (const auto& [where, each] : topology_.nodes()) each->limit_changes();
}

void bus::send(publication what) {
  auto* const to = topology_.node_of(what.channel);
  const bool waits = !to || !to->is_ready();
  if (to) {
    to->publish(std::move(what));
  } else {
    publications_.keep(std::move(what));
  }
  if (waits) watch();
}

void bus::watch() {
  if (!expiry_.is_set()) expiry_.set(loop_.state().deadlines(), expiry_check);
}

/// Looks at what waits while Redis is away.
void bus::expire() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<publication> late;
  for (const auto& [where, each] : topology_.nodes()) each->take_late(now, late);
  publications_.take_late(now, late);
  publications_.settle_all(std::move(late), "Redis could not be reached within " +
                                                std::to_string(settings_.publish_timeout.count()) +
                                                " ms.");
  subscriptions_.expire(now);
  if (!contact_.is_there()) watch();
}

// From the nodes.

void bus::on_ready() {
  if (contact_.is_there() || !topology_.is_ready()) return;
  subscriptions_.on_back();
  contact_.establish(topology_.nodes().begin()->first.text());
}

void bus::on_down(node& which, const std::string& why) {
  contact_.lose(which.where().text(), why);
  subscriptions_.on_away(&which);
  watch();
  topology_.request();
}

void bus::on_message(std::string_view channel, std::string_view payload) {
  ++counters_.received;
  if (const auto receiver = subscriptions_.receiver_of(channel)) {
    receiver->on_message(channel, payload);
  }
}

void bus::on_taken_away(std::string_view channel) {
  if (subscriptions_.on_taken_away(channel)) topology_.request();
}

// From the topology.

void bus::on_topology() {
  apply(subscriptions_.take_all_changes());
  for (auto& each : publications_.take_homeless()) send(std::move(each));
  topology_.flush();
}

void bus::on_no_topology(const std::string& where, const std::string& why) {
  contact_.lose(where, why);
  subscriptions_.on_away(nullptr);
  watch();
}

}  // namespace saker::redis
