#include "redis/node.hpp"

#include <algorithm>
#include <utility>

namespace saker::redis {
namespace {

constexpr std::size_t channels_per_command = 512;
/// Changes of subscriptions that wait while Redis does not take them; then all are made anew.
constexpr std::size_t most_changes = std::size_t{16} * 1024 * 1024;

/// The cluster has changed; the message has not been taken.
bool is_redirection(std::string_view error) noexcept {
  return error.starts_with("MOVED ") || error.starts_with("ASK ") ||
         error.starts_with("CLUSTERDOWN") || error.starts_with("TRYAGAIN");
}

}  // namespace

node::node(bus& owner, event_loop& loop, const link_settings& settings, address where)
    : bus_(owner),
      where_(std::move(where)),
      publisher_(*this, loop, settings),
      subscriber_(*this, loop, settings) {}

void node::start() {
  publisher_.connection.start();
  subscriber_.connection.start();
}

void node::stop() {
  publisher_.connection.stop();
  subscriber_.connection.stop();
  give_up("it is no longer used.");
}

void node::give_up(const std::string& why) {
  for (auto& each : std::exchange(in_flight_, {})) {
    if (each.channel.empty()) continue;  // A PING.
    bus_.publications_.settle(each, {0, "Redis was lost before it confirmed the message: " + why});
  }
}

void node::flush() {
  if (waiting_.empty() || !is_ready()) return;
  std::string commands;
  while (!waiting_.empty()) {
    commands += waiting_.front().command;
    in_flight_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  publisher_.connection.send(commands);
}

void node::take_late(std::chrono::steady_clock::time_point now, std::vector<publication>& to) {
  while (!waiting_.empty() && waiting_.front().deadline <= now) {
    to.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

void node::hand_over_waiting() {
  for (auto& each : std::exchange(waiting_, {})) bus_.publications_.keep(std::move(each));
}

void node::subscribe(const std::vector<std::string>& channels) {
  for (const auto& each : channels) unanswered_.expect(each);
  send(bus_.settings_.sharded ? "SSUBSCRIBE" : "SUBSCRIBE", channels);
}

void node::subscribe_anew(const std::vector<std::string>& channels) {
  unanswered_.await(channels.size());
  subscribe(channels);
  full_list_ = subscriber_.connection.waiting();
}

void node::unsubscribe(const std::vector<std::string>& channels) {
  send(bus_.settings_.sharded ? "SUNSUBSCRIBE" : "UNSUBSCRIBE", channels);
}

/// Channels of a cluster must not be of different slots in one command.
void node::send(std::string_view verb, const std::vector<std::string>& channels) {
  const std::size_t most = bus_.settings_.sharded ? 1 : channels_per_command;
  std::string commands;
  for (std::size_t i = 0; i < channels.size(); i += most) {
    std::vector<std::string_view> words{verb};
    for (std::size_t at = i; at < std::min(i + most, channels.size()); ++at) {
      words.push_back(channels[at]);
    }
    commands += command(words);
  }
  subscriber_.connection.send(commands);
}

void node::limit_changes() {
  if (subscriber_.connection.waiting() > full_list_ + most_changes) {
    subscriber_.connection.drop("it does not take the subscriptions.");
  }
}

void node::count_confirmation() {
  if (!unanswered_.is_awaited()) return;
  unanswered_.count_down();
  check_ready();
}

void node::check_ready() {
  if (!is_ready()) return;
  bus_.on_ready();
  flush();
}

// Publishing.

node::publisher::publisher(node& owner, event_loop& loop, const link_settings& settings)
    : of(owner), connection(loop, settings, owner.where_, *this) {}

void node::publisher::on_up() { of.check_ready(); }

void node::publisher::on_idle() {
  publication question;
  question.command = command({"PING"});
  connection.send(question.command);
  of.in_flight_.push_back(std::move(question));
}

void node::publisher::on_reply(const redisReply& reply) {
  if (of.in_flight_.empty()) {
    connection.drop("Redis has answered what it was not asked.");
    return;
  }
  auto asked = std::move(of.in_flight_.front());
  of.in_flight_.pop_front();
  if (asked.channel.empty()) return;  // A PING.
  if (is_error(reply) && is_redirection(text_of(reply))) {
    of.bus_.topology_.request();
    of.bus_.publications_.keep(std::move(asked));
  } else if (is_error(reply)) {
    of.bus_.publications_.settle(asked, {0, "Redis says: " + std::string(text_of(reply))});
  } else {
    of.bus_.publications_.settle(asked, {reply.integer});
  }
}

void node::publisher::on_down(const std::string& why) {
  of.bus_.on_down(of, why);
  of.give_up(why);
}

// Being subscribed.

node::subscriber::subscriber(node& owner, event_loop& loop, const link_settings& settings)
    : of(owner), connection(loop, settings, owner.where_, *this) {}

void node::subscriber::on_up() {
  of.subscribe_anew(of.bus_.subscriptions_.request_all(of));
  of.check_ready();
}

void node::subscriber::on_idle() { connection.send(command({"PING"})); }

void node::subscriber::on_reply(const redisReply& reply) {
  if (is_error(reply)) {
    const auto text = std::string(text_of(reply));
    if (is_redirection(text)) of.bus_.topology_.request();
    connection.drop("Redis says: " + text);
    return;
  }
  const auto parts = elements_of(reply);
  if (!parts.empty()) on_push(text_of(*parts.front()), parts);
}

void node::subscriber::on_push(std::string_view kind, std::span<redisReply* const> parts) {
  if (parts.size() < 3) return;  // The answer to a PING.
  const auto channel = text_of(*parts[1]);
  if (kind == "message" || kind == "smessage") {
    of.bus_.on_message(channel, text_of(*parts[2]));
  } else if (kind == "subscribe" || kind == "ssubscribe") {
    if (of.unanswered_.take(channel)) of.bus_.subscriptions_.on_confirmed(of, channel);
    of.count_confirmation();
  } else if (kind == "sunsubscribe" && !of.unanswered_.contains(channel)) {
    // Else it answers us, who have subscribed again since.
    of.bus_.on_taken_away(channel);
  }
}

void node::subscriber::on_down(const std::string& why) {
  of.unanswered_.clear();
  of.bus_.subscriptions_.on_lost(of);
  of.bus_.on_down(of, why);
}

}  // namespace saker::redis
