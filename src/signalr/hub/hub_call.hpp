#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <vector>

#include <saker/signalr/hub/filter.hpp>
#include <saker/signalr/hub/hub.hpp>
#include <saker/signalr/hub/hub_methods.hpp>

#include "async/loop_state.hpp"
#include "signalr/hub/hub_connection.hpp"
#include "signalr/hub/invocation_slot.hpp"

namespace saker::signalr {

/// What a stop of the server waits for.
inline constexpr async::work_kind call_work{"hub call", "hub calls", true};

/// One call of a hub: the hub object that was made for it, what that can use, and the filters.
class hub_call {
 public:
  hub_call(hub_connection& on, const hub_endpoint& endpoint, std::shared_ptr<invocation_slot> slot);
  hub_call(const hub_call&) = delete;
  hub_call& operator=(const hub_call&) = delete;
  ~hub_call() { invocation_slot::keep(std::move(slot_)); }

  invocation_slot& slot() noexcept { return *slot_; }

  // Through the filters, from the given one on.
  task<void> connect(std::size_t filter = 0);
  task<void> disconnect(std::exception_ptr error, std::size_t filter = 0);
  /// No filter has a say in it.
  task<void> refreshed() { return hub_->on_authentication_refreshed(); }
  /// The result, as the encoding makes it.
  task<std::string> invoke(const detail::hub_method& method, detail::call_input& input);
  task<async_generator<std::string>> stream(const detail::hub_method& method,
                                            detail::call_input& input);
  /// A method that does not wait, where no filters are.
  void invoke_now(const detail::hub_method& method, detail::call_input& input,
                  std::string& result) {
    require_array(input);
    method.now(*hub_, input, result);
  }

 private:
  struct filtered;

  /// What no method is called with, and no filter sees.
  static void require_array(const detail::call_input& input) {
    const auto first = input.arguments.empty() ? '\0' : input.arguments.front();
    const bool is_usual = input.encoding.format == binding::value_format::json
                              ? first == '['
                              : (first & 0xf0) == 0x90;
    if (!is_usual) require_unusual_array(input);
  }
  static void require_unusual_array(const detail::call_input& input);

  task<std::string> invoke_filtered(const detail::hub_method& method, detail::call_input& input);
  task<async_generator<std::string>> stream_filtered(const detail::hub_method& method,
                                                     detail::call_input& input);
  task<hub_result> invoke_through(filtered& what, std::size_t filter);
  task<hub_result> invoke_innermost(filtered& what);

  std::shared_ptr<invocation_slot> slot_;
  hub_scope scope_;
  std::unique_ptr<signalr::hub> hub_;
  std::vector<std::shared_ptr<hub_filter>> filters_;
};

}  // namespace saker::signalr
