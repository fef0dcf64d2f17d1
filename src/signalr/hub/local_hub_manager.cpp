#include "signalr/hub/local_hub_manager.hpp"

#include <stop_token>
#include <utility>

#include "async/resume_on.hpp"
#include "signalr/hub/hub_connection.hpp"

namespace saker::signalr {
namespace {

task<void> wait_for(completion_source<> room) { co_await room; }

}  // namespace

std::atomic<std::size_t>& local_hub_manager::clients_like(const hub_connection& each) noexcept {
  return each.protocol().values() == binding::value_format::json ? clients_.json
                                                                 : clients_.messagepack;
}

detail::wanted_encodings local_hub_manager::wanted(const recipients& to) const {
  detail::wanted_encodings wanted = chosen_;
  bool text = clients_.json != 0;
  bool packed = clients_.messagepack != 0;
  if (text && packed && to.what == recipients::kind::connections && to.names.size() == 1) {
    const auto found = find(to.names.front());
    text = found && found->protocol().values() == binding::value_format::json;
    packed = found && !text;
  }
  if (!text) wanted.json.reset();
  if (!packed) wanted.messagepack.reset();
  return wanted;
}

delivery local_hub_manager::on_connected(const std::shared_ptr<hub_connection>& connection) {
  // Before anybody can reach it: what is sent from now on has its format.
  ++clients_like(*connection);
  {
    const std::scoped_lock lock(mutex_);
    connections_.emplace(connection->id(), connection);
  }
  all_.add(connection);
  if (!connection->user_id().empty()) join(users_, connection->user_id(), connection);
  return {};
}

task<void> local_hub_manager::on_disconnected(std::shared_ptr<hub_connection> connection) {
  {
    const std::scoped_lock lock(mutex_);
    connections_.erase(connection->id());
  }
  all_.remove(*connection);
  --clients_like(*connection);
  if (!connection->user_id().empty()) leave(users_, connection->user_id(), *connection);
  results_.fail_all_of(connection->id(), "Connection '" + connection->id() + "' disconnected.");
  auto groups = connection->take_groups();
  std::size_t left = 0;
  while (!groups.empty()) {
    if (left != 0 && left % groups_left_at_once == 0) {
      async::next_turn later(*event_loop::current());
      co_await later;
    }
    const auto first = groups.begin();
    leave(groups_, *first, *connection);
    groups.erase(first);
    ++left;
  }
}

bool local_hub_manager::on_result(const hub_connection& from, const hub_message& completion) {
  return results_.complete(from.id(), completion, from.protocol().values());
}

delivery local_hub_manager::send(const recipients& to, hub_message invocation,
                                 detail::encoded_values arguments) {
  return deliver(
      to,
      std::make_shared<broadcast>(std::move(invocation), std::move(arguments), protocols_.size()),
      patience_for(to));
}

patience local_hub_manager::patience_for(const recipients& to) const noexcept {
  switch (policy_) {
    case overflow_policy::wait: return patience::for_each;
    case overflow_policy::disconnect: break;
    case overflow_policy::drop_oldest:
    case overflow_policy::drop_newest: return patience::none;
  }
  const bool one = to.what == recipients::kind::connections && to.names.size() == 1;
  return one ? patience::for_each : patience::for_many;
}

delivery local_hub_manager::deliver(const recipients& to, const std::shared_ptr<broadcast>& what,
                                    patience how) {
  exclude(*what, to.excluded);
  room_request room(how);
  switch (to.what) {
    case recipients::kind::all: all_.send(what, room); break;
    case recipients::kind::connections:
      for (const auto& id : to.names) {
        if (const auto found = find(id)) send_to(found, what, room);
      }
      break;
    case recipients::kind::groups:
    case recipients::kind::users:
      for (const auto& name : to.names) {
        const auto& index = to.what == recipients::kind::groups ? groups_ : users_;
        if (const auto found = find(index, name)) found->send(what, room);
      }
      break;
  }
  return room.has_guard() ? delivery(wait_for(room.guard()->source())) : delivery();
}

void local_hub_manager::exclude(broadcast& what,
                                const std::vector<std::string>& connection_ids) const {
  if (connection_ids.empty()) return;
  std::vector<std::shared_ptr<const hub_connection>> excluded;
  for (const auto& id : connection_ids) {
    if (auto found = find(id)) excluded.push_back(std::move(found));
  }
  what.exclude(std::move(excluded));
}

void local_hub_manager::send_to(const std::shared_ptr<hub_connection>& whom,
                                const std::shared_ptr<broadcast>& what, room_request& room) {
  if (whom->loop().is_current()) {
    whom->send(what->message, room);
  } else {
    mails_.mail_of(whom->loop())->send(whom, what, what->message.cost(), room.guard());
  }
}

task<detail::client_value> local_hub_manager::invoke(std::string connection_id,
                                                     hub_message invocation,
                                                     detail::encoded_values arguments,
                                                     std::stop_token stop) {
  const auto asked = find(connection_id);
  if (!asked) {
    throw named_error("IOException", "Connection '" + connection_id + "' does not exist.");
  }
  const completion_source<client_answer> answer;
  const auto id = results_.next_id();
  invocation.invocation_id = id;
  ask(asked, id,
      std::make_shared<const broadcast>(std::move(invocation), std::move(arguments),
                                        protocols_.size()),
      completing(answer));
  const std::stop_callback when_stopped(
      std::move(stop), [&] { results_.fail(id, "Invocation canceled by the server.", nullptr); });
  auto given = co_await answer;
  co_return std::move(given).result();
}

void local_hub_manager::ask(const std::shared_ptr<hub_connection>& whom,
                            const std::string& invocation_id,
                            const std::shared_ptr<const broadcast>& question,
                            client_results::listener answer) {
  results_.begin(invocation_id, whom->id(), std::move(answer));
  const auto fail = [this, whom, invocation_id](const char* why) {
    results_.fail(invocation_id, "Connection '" + whom->id() + "' " + why);
  };
  const auto ask = [whom, question, fail] {
    if (whom->is_ended()) {
      fail("disconnected.");
    } else if (!whom->ask(question->message)) {
      fail("does not take what it is sent.");
    }
  };
  if (whom->loop().is_current()) {
    ask();
  } else if (!mails_.mail_of(whom->loop())->ask(whom, question->message.cost(), ask)) {
    fail("does not take what it is sent.");
  }
}

delivery local_hub_manager::add_to_group(std::string_view connection_id, std::string_view group) {
  const auto found = find(connection_id);
  if (found && join(groups_, group, found) && !found->remember_group(group)) {
    // It has gone meanwhile.
    leave(groups_, group, *found);
  }
  return {};
}

delivery local_hub_manager::remove_from_group(std::string_view connection_id,
                                              std::string_view group) {
  if (const auto found = find(connection_id)) {
    found->forget_group(group);
    leave(groups_, group, *found);
  }
  return {};
}

std::size_t local_hub_manager::count(std::string_view group) const {
  const auto found = find(groups_, group);
  return found ? found->size() : 0;
}

std::vector<std::string> local_hub_manager::members(std::string_view group) const {
  const auto found = find(groups_, group);
  return found ? found->members() : std::vector<std::string>();
}

std::shared_ptr<hub_connection> local_hub_manager::find(std::string_view connection_id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = connections_.find(connection_id);
  return found == connections_.end() ? nullptr : found->second;
}

std::shared_ptr<audience> local_hub_manager::find(const audiences& in,
                                                  std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = in.find(name);
  return found == in.end() ? nullptr : found->second;
}

bool local_hub_manager::join(audiences& in, std::string_view name,
                             const std::shared_ptr<hub_connection>& who) {
  const std::scoped_lock lock(mutex_);
  auto found = in.find(name);
  if (found == in.end()) {
    found = in.emplace(name, std::make_shared<audience>(mails_)).first;
    on_audience_begun(kind_of(in), name, found->second);
  }
  return found->second->add(who);
}

void local_hub_manager::leave(audiences& in, std::string_view name, const hub_connection& who) {
  const std::scoped_lock lock(mutex_);
  const auto found = in.find(name);
  if (found == in.end()) return;
  found->second->remove(who);
  if (found->second->size() != 0) return;
  in.erase(found);
  on_audience_ended(kind_of(in), name);
}

}  // namespace saker::signalr
