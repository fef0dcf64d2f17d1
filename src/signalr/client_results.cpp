#include "signalr/client_results.hpp"

#include <utility>
#include <vector>

#include <saker/signalr/error.hpp>

namespace saker::signalr {

client_results::waiting client_results::begin(std::string connection_id) {
  const std::scoped_lock lock(mutex_);
  waiting made{"s" + std::to_string(++last_id_), {}};
  questions_.emplace(made.invocation_id, question{std::move(connection_id), made.result});
  return made;
}

bool client_results::complete(std::string_view connection_id, hub_message& completion) {
  completion_source<json> result;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = questions_.find(completion.invocation_id);
    if (found == questions_.end()) return false;
    if (found->second.connection_id != connection_id) {
      throw named_error("InvalidOperationException",
                        "Connection ID '" + std::string(connection_id) +
                            "' is not valid for invocation ID '" + completion.invocation_id + "'.");
    }
    result = found->second.result;
    questions_.erase(found);
  }
  if (completion.error) {
    result.try_set_exception(std::make_exception_ptr(hub_error(*completion.error)));
  } else {
    result.try_set_value(std::move(completion.value));
  }
  return true;
}

void client_results::fail(const std::string& invocation_id, const std::string& why) {
  completion_source<json> result;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = questions_.find(invocation_id);
    if (found == questions_.end()) return;
    result = found->second.result;
    questions_.erase(found);
  }
  result.try_set_exception(std::make_exception_ptr(hub_error(why)));
}

void client_results::fail_all_of(std::string_view connection_id, const std::string& why) {
  std::vector<completion_source<json>> failed;
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(questions_, [&](const auto& each) {
      if (each.second.connection_id != connection_id) return false;
      failed.push_back(each.second.result);
      return true;
    });
  }
  for (auto& each : failed) {
    each.try_set_exception(std::make_exception_ptr(hub_error(why)));
  }
}

}  // namespace saker::signalr
