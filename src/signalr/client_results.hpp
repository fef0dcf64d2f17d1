#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include <saker/core/completion_source.hpp>

#include "signalr/hub_message.hpp"

namespace saker::signalr {

/// The values that clients were asked for and have not given yet. Any thread.
class client_results {
 public:
  struct waiting {
    std::string invocation_id;
    completion_source<json> result;
  };

  /// A new question to that connection.
  waiting begin(std::string connection_id);
  /// False: nobody waits for it. Throws when another connection was asked.
  bool complete(std::string_view connection_id, hub_message& completion);
  /// It will not be answered: hub_error with that text.
  void fail(const std::string& invocation_id, const std::string& why);
  /// A connection has gone.
  void fail_all_of(std::string_view connection_id, const std::string& why);

 private:
  struct question {
    std::string connection_id;
    completion_source<json> result;
  };

  std::mutex mutex_;
  std::unordered_map<std::string, question> questions_;
  std::uint64_t last_id_ = 0;
};

}  // namespace saker::signalr
