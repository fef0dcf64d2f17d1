#include "signalr/hub/client_results.hpp"

#include <utility>

#include <saker/signalr/error.hpp>

#include "observe/type_name.hpp"

namespace saker::signalr {
namespace {

hub_message failure(std::string invocation_id, std::string why) {
  hub_message completion{.type = message_type::completion};
  completion.invocation_id = std::move(invocation_id);
  completion.error = std::move(why);
  return completion;
}

}  // namespace

void client_results::begin(std::string invocation_id, std::string connection_id, listener answer) {
  const std::scoped_lock lock(mutex_);
  asked_[connection_id].insert(invocation_id);
  questions_.emplace(std::move(invocation_id),
                     question{std::move(connection_id), std::move(answer)});
}

/// Under the lock.
client_results::listener client_results::take(questions::iterator found) {
  auto answer = std::move(found->second.answer);
  const auto of = asked_.find(found->second.connection_id);
  of->second.erase(found->first);
  if (of->second.empty()) asked_.erase(of);
  questions_.erase(found);
  return answer;
}

bool client_results::complete(std::string_view connection_id, const hub_message& completion,
                              binding::value_format format) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = questions_.find(completion.invocation_id);
    if (found == questions_.end()) return false;
    if (found->second.connection_id != connection_id) {
      throw named_error("InvalidOperationException",
                        "Connection ID '" + std::string(connection_id) +
                            "' is not valid for invocation ID '" + completion.invocation_id + "'.");
    }
  }
  return complete({completion, format});
}

bool client_results::complete(const outcome& how) {
  listener answer;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = questions_.find(how.completion.invocation_id);
    if (found == questions_.end()) return false;
    answer = take(found);
  }
  answer(how);
  return true;
}

void client_results::fail(const std::string& invocation_id, const std::string& why,
                          const char* lost_as) {
  complete({failure(invocation_id, why), binding::value_format::json, lost_as});
}

void client_results::fail_all_of(std::string_view connection_id, const std::string& why) {
  std::set<std::string> ids;
  {
    const std::scoped_lock lock(mutex_);
    const auto of = asked_.find(connection_id);
    if (of == asked_.end()) return;
    ids = of->second;
  }
  for (const auto& each : ids) fail(each, why);
}

client_results::listener completing(completion_source<client_answer> answer) {
  return [answer = std::move(answer)](const client_results::outcome& how) mutable {
    client_answer given;
    given.error = how.completion.error;
    given.lost_as = how.lost_as;
    if (how.completion.has_result) given.value = {std::string(how.completion.value), how.format};
    answer.try_set_value(std::move(given));
  };
}

detail::client_value client_answer::result() && {
  if (error && lost_as) throw named_error(lost_as, *error);
  if (error) throw hub_error(*error);
  return std::move(value);
}

void detail::throw_conversion_error(const std::type_info& type, const std::string& why) {
  throw hub_error("Error trying to deserialize result to " + observe::type_name(type) + ". " + why);
}

}  // namespace saker::signalr
