#include "redis/node.hpp"

#include <utility>

namespace saker::redis {
namespace {

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
    bus_.settle(each, {0, "Redis was lost before it confirmed the message: " + why});
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
  bus::publication question;
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
    of.bus_.on_moved();
    of.bus_.keep_for_later(std::move(asked));
  } else if (is_error(reply)) {
    of.bus_.settle(asked, {0, "Redis says: " + std::string(text_of(reply))});
  } else {
    of.bus_.settle(asked, {reply.integer});
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
  of.bus_.on_subscriber_up(of);
  of.check_ready();
}

void node::subscriber::on_idle() { connection.send(command({"PING"})); }

void node::subscriber::on_reply(const redisReply& reply) {
  if (is_error(reply)) {
    const auto text = std::string(text_of(reply));
    if (is_redirection(text)) of.bus_.on_moved();
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
    if (of.unanswered_.take(channel)) of.bus_.on_confirmed(of, channel);
    of.count_confirmation();
  } else if (kind == "sunsubscribe" && !of.unanswered_.contains(channel)) {
    // Else it answers us, who have subscribed again since.
    of.bus_.on_taken_away(channel);
  }
}

void node::subscriber::on_down(const std::string& why) {
  of.unanswered_.clear();
  of.bus_.on_subscriber_down(of);
  of.bus_.on_down(of, why);
}

}  // namespace saker::redis
