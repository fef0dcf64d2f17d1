#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include <saker/core/completion_source.hpp>

#include "signalr/hub_message.hpp"

namespace saker::signalr {

/// The values that clients were asked for and have not given yet. Any thread.
class client_results {
 public:
  /// Is called once, with the Completion that the client has sent, or that stands for its silence.
  using listener = std::function<void(hub_message& completion)>;

  /// A new question to that connection.
  void begin(std::string invocation_id, std::string connection_id, listener answer);
  /// False: nobody waits for it. Throws when another connection was asked.
  bool complete(std::string_view connection_id, hub_message& completion);
  /// The same, whoever was asked.
  bool complete(hub_message& completion);
  /// It will not be answered, with that as its error.
  void fail(const std::string& invocation_id, const std::string& why);
  /// A connection has gone.
  void fail_all_of(std::string_view connection_id, const std::string& why);

 private:
  struct question {
    std::string connection_id;
    listener answer;
  };

  using questions = std::unordered_map<std::string, question>;

  listener take(questions::iterator found);

  std::mutex mutex_;
  questions questions_;
  std::map<std::string, std::set<std::string>, std::less<>> asked_;  ///< By connection.
};

/// Hands the Completion to who awaits it.
client_results::listener completing(completion_source<hub_message> answer);
/// What the client has given; throws hub_error where it has given an error.
json result_of(const hub_message& completion);

}  // namespace saker::signalr
