#include "signalr/client_results.hpp"

#include <utility>

#include <saker/signalr/error.hpp>

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

bool client_results::complete(std::string_view connection_id, hub_message& completion) {
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
  return complete(completion);
}

bool client_results::complete(hub_message& completion) {
  listener answer;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = questions_.find(completion.invocation_id);
    if (found == questions_.end()) return false;
    answer = take(found);
  }
  answer(completion);
  return true;
}

void client_results::fail(const std::string& invocation_id, const std::string& why) {
  auto completion = failure(invocation_id, why);
  complete(completion);
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

client_results::listener completing(completion_source<hub_message> answer) {
  return [answer = std::move(answer)](hub_message& completion) mutable {
    answer.try_set_value(std::move(completion));
  };
}

json result_of(const hub_message& completion) {
  if (completion.error) throw hub_error(*completion.error);
  return completion.value;
}

}  // namespace saker::signalr
