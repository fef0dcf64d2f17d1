#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include <saker/async/completion_source.hpp>
#include <saker/signalr/protocol/encoded_values.hpp>
#include <saker/signalr/protocol/hub_message.hpp>

namespace saker::signalr {

/// The values that clients were asked for and have not given yet. Any thread.
class client_results {
 public:
  struct outcome {
    const hub_message& completion;
    binding::value_format format = binding::value_format::json;
    /// What .NET calls the error, where the client has not sent the Completion; else null.
    const char* lost_as = nullptr;
  };
  /// Is called once, with the Completion that the client has sent, or that stands for its silence.
  using listener = std::function<void(const outcome&)>;

  /// Returns an id that no other question of these has.
  std::string next_id() { return "s" + std::to_string(++last_id_); }
  /// A new question to that connection.
  void begin(std::string invocation_id, std::string connection_id, listener answer);
  /// False: nobody waits for it. Throws when another connection was asked.
  bool complete(std::string_view connection_id, const hub_message& completion,
                binding::value_format format);
  /// The same, whoever was asked.
  bool complete(const outcome& how);
  /// It will not be answered, with that as its error.
  void fail(const std::string& invocation_id, const std::string& why,
            const char* lost_as = "IOException");
  /// A connection has gone.
  void fail_all_of(std::string_view connection_id, const std::string& why);

 private:
  struct question {
    std::string connection_id;
    listener answer;
  };

  using questions = std::unordered_map<std::string, question>;

  listener take(questions::iterator found);

  std::atomic<std::uint64_t> last_id_ = 0;
  std::mutex mutex_;
  questions questions_;
  std::map<std::string, std::set<std::string>, std::less<>> asked_;  ///< By connection.
};

/// What a client has answered.
struct client_answer {
  detail::client_value value;
  std::optional<std::string> error;
  const char* lost_as = nullptr;

  /// Throws hub_error where the client has given an error, named_error where it has given nothing.
  detail::client_value result() &&;
};

/// Hands the Completion to who awaits it.
client_results::listener completing(completion_source<client_answer> answer);

}  // namespace saker::signalr
