#include "redis/redis_hub_manager.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <saker/signalr/error.hpp>

#include "observe/log.hpp"
#include "signalr/hub/hub_connection.hpp"

namespace saker::signalr::backplane {
namespace {

/// Hands what comes from a channel to whom it is for.
template <class Take>
class receiving final : public redis::channel_receiver {
 public:
  receiving(reception& counts, Take take) : counts_(counts), take_(std::move(take)) {}

  void on_message(std::string_view channel, std::string_view payload) override {
    try {
      take_(payload);
    } catch (const std::exception& error) {
      counts_.count_malformed(channel, error.what());
    } catch (...) {
      counts_.count_malformed(channel, "Its protocol threw what is no std::exception.");
    }
  }

 private:
  reception& counts_;
  const Take take_;
};

template <class Take>
std::shared_ptr<redis::channel_receiver> receiver(reception& counts, Take take) {
  return std::make_shared<receiving<Take>>(counts, std::move(take));
}

// Errors come as values and are thrown by who awaits them: in its own thread.

task<void> wait_for_redis(completion_source<std::string> outcome) {
  const auto error = co_await outcome;
  if (!error.empty()) throw named_error("RedisConnectionException", error);
}

task<void> wait_for_server(completion_source<command_end> ended) {
  const auto how = co_await ended;
  if (!how.error.empty()) throw named_error("RedisConnectionException", how.error);
  if (how.acknowledged) co_return;
  throw named_error("OperationCanceledException",
                    "No server has acknowledged the change of the group: the connection is on none "
                    "of them.");
}

task<void> wait_for_all(std::vector<completion_source<std::string>> sources) {
  for (const auto& each : sources) co_await each;
}

}  // namespace

void reception::count_malformed(std::string_view channel, const std::string& why) {
  if (malformed_++ != 0) return;
  // The rest of the channel's name may be somebody's who writes into logs.
  observe::log(observe::log_level::warning, "A message on a Redis channel of '" +
                                                std::string(channel.substr(0, channel.find(':'))) +
                                                "' cannot be read and was ignored: " + why +
                                                " Others will only be counted.");
}

void reception::count_unserved(std::string_view protocol) {
  if (unserved_++ != 0) return;
  observe::log(observe::log_level::warning,
               "This message was received from another server that did not have the requested "
               "protocol available: clients of '" +
                   std::string(protocol) + "' do not get it. Others will only be counted.");
}

/// Who waits until Redis has a message, or all of several.
class redis_hub_manager::published {
 public:
  published() = default;
  published(const published&) = delete;
  published& operator=(const published&) = delete;
  ~published() { outcome_.try_set_value(std::move(error_)); }

  delivery confirmation() const { return delivery(wait_for_redis(outcome_)); }

  static redis::publish_listener listener(std::shared_ptr<published> keep) {
    return [keep = std::move(keep)](const redis::publish_result& result) {
      if (result.error.empty()) return;
      const std::scoped_lock lock(keep->mutex_);
      keep->error_ = result.error;
    };
  }

 private:
  completion_source<std::string> outcome_;
  std::mutex mutex_;
  std::string error_;
};

redis_hub_manager::redis_hub_manager(redis::bus& bus, const settings& common, reception& counts,
                                     const hub_endpoint_options& options)
    : local_hub_manager(options),
      bus_(bus),
      settings_(common),
      counts_(counts),
      channels_(common.channel_prefix, options.hub.name),
      commands_(bus.loop(), common.acknowledgement_timeout) {
  for (const auto& each : protocols()) {
    if (is_supported(options.hub, *each.how)) published_.push_back(&each);
  }
  const auto receive = [&](std::string channel, auto take) {
    bus_.subscribe(std::move(channel), receiver(counts_, std::move(take)));
  };
  const auto& server = settings_.server_name;
  receive(channels_.all(), [this](auto payload) { take_for(everybody(), payload); });
  receive(channels_.group_commands(), [this](auto payload) { take_command(payload); });
  receive(channels_.acks(server),
          [this](auto payload) { commands_.end(read_ack(payload), {true, {}}); });
  receive(channels_.answers(server), [this](auto payload) { take_answer(payload); });
}

// Who is there.

void redis_hub_manager::on_audience_begun(recipients::kind what, std::string_view name,
                                          const std::shared_ptr<audience>& members) {
  bus_.subscribe(channel_of(what, name),
                 receiver(counts_, [this, whom = std::weak_ptr(members)](auto payload) {
                   if (const auto found = whom.lock()) take_for(*found, payload);
                 }));
}

void redis_hub_manager::on_audience_ended(recipients::kind what, std::string_view name) {
  bus_.unsubscribe(channel_of(what, name));
}

delivery redis_hub_manager::on_connected(const std::shared_ptr<hub_connection>& connection) {
  local_hub_manager::on_connected(connection);
  std::vector<std::string> needed{channels_.all(), channels_.connection(connection->id())};
  bus_.subscribe(needed.back(),
                 receiver(counts_, [this, whom = std::weak_ptr(connection)](auto payload) {
                   if (const auto found = whom.lock()) take_for(found, payload);
                 }));
  if (!connection->user_id().empty()) needed.push_back(channels_.user(connection->user_id()));
  return confirmed(needed);
}

task<void> redis_hub_manager::on_disconnected(std::shared_ptr<hub_connection> connection) {
  bus_.unsubscribe(channels_.connection(connection->id()));
  return local_hub_manager::on_disconnected(std::move(connection));
}

delivery redis_hub_manager::confirmed(const std::vector<std::string>& channels) {
  std::vector<completion_source<std::string>> sources;
  for (const auto& each : channels) {
    if (auto source = bus_.confirmation(each)) sources.push_back(*std::move(source));
  }
  return sources.empty() ? delivery() : delivery(wait_for_all(std::move(sources)));
}

// Sending.

std::string redis_hub_manager::channel_of(recipients::kind what, std::string_view name) const {
  switch (what) {
    case recipients::kind::connections: return channels_.connection(name);
    case recipients::kind::groups: return channels_.group(name);
    case recipients::kind::users: return channels_.user(name);
    case recipients::kind::all: break;
  }
  return channels_.all();
}

std::string redis_hub_manager::payload_of(const outgoing_message& message,
                                          const invocation& rest) const {
  auto what = rest;
  for (const auto* each : published_) {
    const auto& bytes = message.bytes_for(*each);
    if (!bytes) continue;
    const auto payload = bytes->payload();
    what.messages.emplace(
        each->how->name(),
        std::string(reinterpret_cast<const char*>(payload.data()), payload.size()));
  }
  return write(what);
}

delivery redis_hub_manager::send(const recipients& to, hub_message message,
                                 detail::encoded_values arguments) {
  const auto what =
      std::make_shared<broadcast>(std::move(message), std::move(arguments), protocols().size());
  if (to.what == recipients::kind::connections) return send_to_connections(to, what);
  const auto payload =
      payload_of(what->message, {.excluded = to.excluded, .origin = settings_.origin});
  if (!settings_.origin.empty()) {
    auto local = deliver(to, what, patience_for(to));
    if (to.what == recipients::kind::all) bus_.publish(channels_.all(), payload);
    for (const auto& each : to.names) bus_.publish(channel_of(to.what, each), payload);
    return local;
  }
  const auto all = std::make_shared<published>();
  if (to.what == recipients::kind::all) {
    bus_.publish(channels_.all(), payload, published::listener(all));
  }
  for (const auto& each : to.names) {
    bus_.publish(channel_of(to.what, each), payload, published::listener(all));
  }
  return all->confirmation();
}

/// Those of this process get it at once.
delivery redis_hub_manager::send_to_connections(const recipients& to,
                                                const std::shared_ptr<broadcast>& what) {
  auto here = to;
  std::vector<std::string> elsewhere;
  std::erase_if(here.names, [&](const auto& id) {
    if (find(id)) return false;
    elsewhere.push_back(id);
    return true;
  });
  auto local = deliver(here, what, patience_for(to));
  if (elsewhere.empty()) return local;
  const auto payload = payload_of(what->message, {});
  const auto all = std::make_shared<published>();
  for (const auto& id : elsewhere) {
    bus_.publish(channels_.connection(id), payload, published::listener(all));
  }
  if (!settings_.origin.empty()) return local;
  return all->confirmation();
}

// Groups.

delivery redis_hub_manager::add_to_group(std::string_view connection_id, std::string_view group) {
  return change_group(connection_id, group, group_action::add);
}

delivery redis_hub_manager::remove_from_group(std::string_view connection_id,
                                              std::string_view group) {
  return change_group(connection_id, group, group_action::remove);
}

delivery redis_hub_manager::change_group(std::string_view connection_id, std::string_view group,
                                         group_action action) {
  if (find(connection_id)) {
    if (action == group_action::remove)
      return local_hub_manager::remove_from_group(connection_id, group);
    local_hub_manager::add_to_group(connection_id, group);
    // Who is delivered to locally is a member already for this server's messages.
    const bool insists = settings_.origin.empty();
    auto source = bus_.confirmation(channels_.group(group), insists);
    return source ? delivery(wait_for_redis(*std::move(source))) : delivery();
  }
  completion_source<command_end> ended;
  group_command command{0, settings_.server_name, action, std::string(group),
                        std::string(connection_id)};
  command.id = commands_.begin(ended);
  if (command.id == 0) return delivery(wait_for_server(ended));
  bus_.publish(channels_.group_commands(), write(command),
               [this, id = command.id](const redis::publish_result& outcome) {
                 if (!outcome.error.empty()) commands_.end(id, {false, outcome.error});
               });
  return delivery(wait_for_server(ended));
}

void redis_hub_manager::take_command(std::string_view payload) {
  auto command = read_group_command(payload);
  const auto found = find(command.connection_id);
  if (!found) return;
  auto done = change_group(command.connection_id, command.group, command.action);
  spawn(bus_.loop(), acknowledge(std::move(command), std::move(done)));
}

task<void> redis_hub_manager::acknowledge(group_command command, delivery done) {
  try {
    co_await done;
  } catch (const named_error&) {
    co_return;  // Redis is away, or was: the one who waits learns it from his.
  }
  bus_.publish(channels_.acks(command.server), write_ack(command.id));
}

// Asking clients.

detail::wanted_encodings redis_hub_manager::wanted(const recipients&) const {
  // Other servers' clients may speak each of them.
  detail::wanted_encodings wanted = chosen();
  const auto writes = [&](binding::value_format format) {
    return std::any_of(published_.begin(), published_.end(),
                       [&](const auto* each) { return each->how->values() == format; });
  };
  if (!writes(binding::value_format::json)) wanted.json.reset();
  if (!writes(binding::value_format::messagepack)) wanted.messagepack.reset();
  return wanted;
}

task<detail::client_value> redis_hub_manager::invoke(std::string connection_id, hub_message message,
                                                     detail::encoded_values arguments,
                                                     std::stop_token stop) {
  if (find(connection_id)) {
    auto asking = local_hub_manager::invoke(std::move(connection_id), std::move(message),
                                            std::move(arguments), std::move(stop));
    co_return co_await asking;
  }
  const completion_source<client_answer> answer;
  const auto id = settings_.server_name + "-" + answers_.next_id();
  message.invocation_id = id;
  answers_.begin(id, connection_id, completing(answer));
  const auto payload =
      payload_of(outgoing_message(std::move(message), std::move(arguments), protocols().size()),
                 {.invocation_id = id, .return_channel = channels_.answers(settings_.server_name)});
  bus_.publish(channels_.connection(connection_id), payload,
               [this, id, connection_id](const redis::publish_result& outcome) {
                 if (!outcome.error.empty()) {
                   answers_.fail(id, outcome.error, "RedisConnectionException");
                 } else if (outcome.receivers == 0) {
                   answers_.fail(id, "Connection '" + connection_id + "' does not exist.");
                 }
               });
  const std::stop_callback when_stopped(
      std::move(stop), [&] { answers_.fail(id, "Invocation canceled by the server.", nullptr); });
  auto given = co_await answer;
  co_return std::move(given).result();
}

/// A question of another server to a client that is here.
void redis_hub_manager::pass_on(const std::shared_ptr<hub_connection>& whom,
                                const invocation& question,
                                const std::shared_ptr<const broadcast>& message) {
  ask(whom, question.invocation_id, message,
      [this, protocol = &whom->protocol(),
       channel = question.return_channel](const client_results::outcome& how) {
        auto answer = how.completion;
        // Nothing that is no text goes to others.
        if (answer.has_result && !binding::has_only_text(answer.value, how.format)) {
          answer.has_result = false;
          answer.error = "The result holds what is no text.";
        }
        completion made;
        try {
          made.protocol = protocol->name();
          protocol->write(answer, made.message);
        } catch (...) {
          // Who waits for it waits no longer.
          made = {std::string(json_protocol().name()), {}};
          json_protocol().write({.type = message_type::completion,
                                 .invocation_id = answer.invocation_id,
                                 .error = "The result could not be written."},
                                made.message);
        }
        bus_.publish(channel, write(made));
      });
}

void redis_hub_manager::take_answer(std::string_view payload) {
  const auto answer = read_completion(payload);
  const auto* const spoken = protocols().find(answer.protocol);
  if (!spoken) throw protocol_error("An answer in the protocol '" + answer.protocol + "'.");
  const auto& protocol = *spoken->how;
  const auto frame = protocol.next_frame(answer.message, 0);
  const auto message = frame ? protocol.parse(frame->payload) : std::nullopt;
  if (!message || message->type != message_type::completion) {
    throw protocol_error("An answer that is no Completion.");
  }
  answers_.complete({*message, protocol.values()});
}

// What comes from the channels.

bool redis_hub_manager::is_echo(std::string_view payload) {
  if (!is_from(payload, settings_.origin)) return false;
  counts_.count_echo();
  return true;
}

std::shared_ptr<broadcast> redis_hub_manager::broadcast_of(const invocation& message) {
  std::vector<shared_message> ready(protocols().size());
  for (const auto& each : protocols()) {
    const auto found = message.messages.find(std::string(each.how->name()));
    if (found != message.messages.end()) {
      ready[each.place] = share(found->second, *each.how);
    } else if (std::find(published_.begin(), published_.end(), &each) != published_.end()) {
      counts_.count_unserved(each.how->name());
    }
  }
  return std::make_shared<broadcast>(std::move(ready));
}

void redis_hub_manager::take_for(const audience& whom, std::string_view payload) {
  if (is_echo(payload)) return;
  const auto message = read_invocation(payload);
  const auto what = broadcast_of(message);
  exclude(*what, message.excluded);
  room_request nobody_waits(patience::none);
  whom.send(what, nobody_waits);
}

void redis_hub_manager::take_for(const std::shared_ptr<hub_connection>& whom,
                                 std::string_view payload) {
  if (is_echo(payload)) return;
  const auto message = read_invocation(payload);
  const auto what = broadcast_of(message);
  if (!message.invocation_id.empty()) {
    pass_on(whom, message, what);
    return;
  }
  room_request nobody_waits(patience::none);
  send_to(whom, what, nobody_waits);
}

}  // namespace saker::signalr::backplane
